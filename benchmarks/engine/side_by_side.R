# Times three fits of glmer and of glmmTMB at their defaults: name, least seconds of
# the clock and of the processor, four coefficients, sd, log-likelihood.
suppressPackageStartupMessages({
  library(lme4)
  library(glmmTMB)
})
d <- read.csv(commandArgs(TRUE)[1])
formula <- y ~ x1 * x2 + offset(log(pop)) + (1 | group)
say <- function(name, seconds, coefs, sd, llf) {
  cat(paste(c(name, format(c(seconds, coefs, sd, llf), digits = 15, trim = TRUE)), collapse = ","), "\n", sep = "")
}
# The clock and the processor, as Python counts them.
timed <- function(make) {
  times <- replicate(3, {
    found <- system.time(fit <<- suppressMessages(suppressWarnings(make())))
    c(found[["elapsed"]], found[["user.self"]] + found[["sys.self"]])
  })
  apply(times, 1, min)
}
seconds <- timed(function() glmer(formula, d, poisson))
say("lme4::glmer", seconds, fixef(fit), getME(fit, "theta"), as.numeric(logLik(fit)))
seconds <- timed(function() glmmTMB(formula, d, family = poisson))
say("glmmTMB", seconds, fixef(fit)$cond, sqrt(as.numeric(VarCorr(fit)$cond$group)), as.numeric(logLik(fit)))
