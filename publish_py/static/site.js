// What scripts add: drawn charts with zoom, search, the choice of map, sorting. Without them
// every table, picture and link is still there. Nothing is fetched.
(function () {
  "use strict";
  var root = document.documentElement.dataset.root || "";

  function all(selector, within) {
    return Array.prototype.slice.call((within || document).querySelectorAll(selector));
  }
  function make(tag, properties, parent) {
    var made = Object.assign(document.createElement(tag), properties);
    if (parent) parent.appendChild(made);
    return made;
  }

  // -- charts ---------------------------------------------------------------------------
  function drawCharts() {
    if (typeof window.vegaEmbed !== "function") return;
    all(".chart[data-spec]").forEach(function (place) {
      var source = document.getElementById(place.dataset.spec);
      if (!source) return;
      var picture = place.querySelector("img");
      var drawing = make("div", { className: "drawing" }, place);
      window
        .vegaEmbed(drawing, JSON.parse(source.textContent), { renderer: "svg", actions: false })
        .then(function () {
          drawing.setAttribute("role", "img");
          drawing.setAttribute("aria-label", place.dataset.label || "");
          if (picture) picture.remove();
          addZoom(place, drawing);
        })
        .catch(function () {
          drawing.remove();
        });
    });
  }
  // The chart zooms on ctrl and wheel, so that a page can be scrolled over it; the buttons
  // send it the same turns of the wheel.
  function addZoom(place, drawing) {
    var bar = make("div", { className: "zoom", role: "group" });
    bar.setAttribute("aria-label", "Zoom of the chart");
    place.parentNode.insertBefore(bar, place.nextSibling);
    function send(kind, name, turn) {
      var plot = drawing.querySelector("svg path.background");
      var box = plot.getBoundingClientRect();
      plot.dispatchEvent(
        new kind(name, {
          deltaY: turn, ctrlKey: true, bubbles: true, cancelable: true, view: window,
          clientX: box.left + box.width / 2, clientY: box.top + box.height / 2
        })
      );
    }
    [
      ["Zoom in", WheelEvent, "wheel", -240],
      ["Zoom out", WheelEvent, "wheel", 240],
      ["Reset", MouseEvent, "dblclick", 0]
    ].forEach(function (one) {
      make("button", { type: "button", textContent: one[0] }, bar).addEventListener(
        "click", function () { send(one[1], one[2], one[3]); }
      );
    });
    make("span", { className: "hint", textContent: "drag to move; Ctrl and wheel to zoom" }, bar);
  }

  // -- search ---------------------------------------------------------------------------
  function plain(text) {
    return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f’']/g, "");
  }
  function rank(entry, words) {
    var title = plain(entry.title), text = title + " " + plain(entry.kind);
    if (!words.every(function (word) { return text.indexOf(word) >= 0; })) return -1;
    if (title.indexOf(words[0]) === 0) return 0;
    return title.indexOf(" " + words[0]) >= 0 ? 1 : 2;
  }
  function addSearch() {
    var form = document.querySelector("form.search");
    if (!form || !window.CIN_PAGES) return;
    var box = form.querySelector("input"), list = form.querySelector("ul");
    var told = document.getElementById("found-count"), at = -1;
    form.hidden = false;
    function options() { return all("li", list); }
    function close() {
      list.hidden = true;
      at = -1;
      box.setAttribute("aria-expanded", "false");
      box.removeAttribute("aria-activedescendant");
    }
    function choose(next) {
      var found = options();
      if (!found.length) return;
      at = (next + found.length) % found.length;
      found.forEach(function (one, number) {
        one.setAttribute("aria-selected", String(number === at));
      });
      found[at].scrollIntoView({ block: "nearest" });
      box.setAttribute("aria-activedescendant", found[at].id);
    }
    function look() {
      var words = plain(box.value).split(/\s+/).filter(Boolean);
      list.textContent = "";
      if (!words.length) { told.textContent = ""; close(); return; }
      var found = window.CIN_PAGES
        .map(function (entry, number) {
          return { entry: entry, number: number, rank: rank(entry, words) };
        })
        .filter(function (one) { return one.rank >= 0; })
        .sort(function (a, b) { return a.rank - b.rank || a.number - b.number; });
      found.slice(0, 12).forEach(function (one, number) {
        var item = make("li", { id: "found-" + number }, list);
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        var link = make("a", { href: root + one.entry.href, tabIndex: -1 }, item);
        make("span", { textContent: one.entry.title }, link);
        make("span", { className: "kind", textContent: one.entry.kind }, link);
      });
      if (!found.length) {
        make("li", { className: "none", textContent: "Nothing found" }, list).setAttribute("role", "option");
      }
      told.textContent = found.length + " found";
      at = -1;
      box.removeAttribute("aria-activedescendant");
      list.hidden = false;
      box.setAttribute("aria-expanded", "true");
    }
    function go() {
      var links = all("a", list);
      if (links.length) links[Math.max(at, 0)].click();
    }
    box.addEventListener("input", look);
    box.addEventListener("focus", function () { if (box.value) look(); });
    box.addEventListener("keydown", function (event) {
      if (event.key === "ArrowDown") { choose(at + 1); event.preventDefault(); }
      else if (event.key === "ArrowUp") { choose(at - 1); event.preventDefault(); }
      else if (event.key === "Escape") { close(); }
    });
    form.addEventListener("submit", function (event) { event.preventDefault(); go(); });
    list.addEventListener("click", function () { window.setTimeout(close, 0); });
    form.addEventListener("focusout", function (event) {
      if (!form.contains(event.relatedTarget)) window.setTimeout(close, 150);
    });
    document.addEventListener("keydown", function (event) {
      var field = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
      if (event.key === "/" && !field) { box.focus(); event.preventDefault(); }
    });
  }

  // -- maps -----------------------------------------------------------------------------
  function addMaps() {
    var choice = document.getElementById("choose-map"), maps = all("figure.map");
    if (!choice || !maps.length) return;
    function show(name) {
      maps.forEach(function (map) { map.hidden = map.id !== name; });
      choice.value = name;
    }
    function named() {
      var name = window.location.hash.slice(1);
      return maps.some(function (map) { return map.id === name; }) ? name : null;
    }
    choice.parentNode.hidden = false;
    choice.addEventListener("change", function () { show(choice.value); });
    window.addEventListener("hashchange", function () { if (named()) show(named()); });
    show(named() || maps[0].id);
    if (named()) document.getElementById(named()).scrollIntoView();
    maps.forEach(addTiles);
  }
  // A map is one stop of the tab key; arrows go to the nearest tile that way.
  function addTiles(map) {
    var tiles = all("a[data-tip]", map);
    var tip = make("div", { className: "tip", hidden: true }, map);
    tip.setAttribute("aria-hidden", "true");
    function middle(tile) {
      var box = tile.getBoundingClientRect();
      return { x: box.left + box.width / 2, y: box.top + box.height / 2, top: box.top };
    }
    function say(tile) {
      var here = middle(tile), frame = map.getBoundingClientRect();
      tip.textContent = tile.dataset.tip;
      tip.hidden = false;
      var left = here.x - frame.left - tip.offsetWidth / 2;
      tip.style.left = Math.max(0, Math.min(left, frame.width - tip.offsetWidth)) + "px";
      tip.style.top = here.top - frame.top - tip.offsetHeight - 6 + "px";
    }
    function hush() { tip.hidden = true; }
    function near(from, x, y) {
      var here = middle(from), best = null, least = Infinity;
      tiles.forEach(function (tile) {
        var there = middle(tile), dx = there.x - here.x, dy = there.y - here.y;
        var along = dx * x + dy * y, aside = Math.abs(dx * y) + Math.abs(dy * x);
        if (tile !== from && along > 1 && along + 2 * aside < least) {
          least = along + 2 * aside;
          best = tile;
        }
      });
      return best;
    }
    tiles.forEach(function (tile, number) {
      tile.setAttribute("tabindex", number ? "-1" : "0");
      tile.addEventListener("mouseenter", function () { say(tile); });
      tile.addEventListener("mouseleave", hush);
      tile.addEventListener("focus", function () { say(tile); });
      tile.addEventListener("blur", hush);
      tile.addEventListener("keydown", function (event) {
        var way = {
          ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]
        }[event.key];
        var next = way && near(tile, way[0], way[1]);
        if (event.key === "Escape") hush();
        if (!next) return;
        event.preventDefault();
        tile.setAttribute("tabindex", "-1");
        next.setAttribute("tabindex", "0");
        next.focus();
      });
    });
  }

  // -- tables ---------------------------------------------------------------------------
  function addSorting() {
    all("table.sortable").forEach(function (table) {
      var body = table.tBodies[0], headings = all("thead th", table);
      headings.forEach(function (heading, column) {
        var button = make("button", { type: "button", textContent: heading.textContent });
        heading.textContent = "";
        heading.appendChild(button);
        button.addEventListener("click", function () {
          var upward = heading.getAttribute("aria-sort") !== "ascending";
          headings.forEach(function (other) { other.removeAttribute("aria-sort"); });
          heading.setAttribute("aria-sort", upward ? "ascending" : "descending");
          function key(row) {
            var cell = row.cells[column];
            var value = cell.dataset.value;
            if (value === undefined) return cell.textContent.trim();
            return value === "" ? null : Number(value);
          }
          Array.prototype.slice.call(body.rows)
            .map(function (row) { return { row: row, key: key(row) }; })
            .sort(function (a, b) {
              if (a.key === null || b.key === null) return (a.key === null) - (b.key === null);
              var order = typeof a.key === "string" ? a.key.localeCompare(b.key) : a.key - b.key;
              return upward ? order : -order;
            })
            .forEach(function (one) { body.appendChild(one.row); });
        });
      });
    });
  }

  // -- paper ----------------------------------------------------------------------------
  // What must not be hidden is unfolded before it is printed.
  function unfold() {
    all("details.printed").forEach(function (one) { one.open = true; });
  }
  window.addEventListener("beforeprint", unfold);

  function start() { addSearch(); addMaps(); addSorting(); drawCharts(); }
  if (document.readyState === "complete") start();
  else window.addEventListener("load", start);
})();
