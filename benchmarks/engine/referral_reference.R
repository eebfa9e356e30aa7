# The referral model by glmer (nAGQ 1 and 7) and glmmTMB: as they come, polished, and at given estimates.
#
#   Rscript referral_reference.R data.csv ours.csv polish.R
#
# data.csv: y, x1, x2, group, pop. ours.csv: points, const, x1, x2, x1:x2, group_sd of this engine.
# Prints engine, points, whose, coefficients, sd, their five standard errors, and the log-likelihood of the
# *package's own objective* at those values, so that one objective judges all three.
given <- commandArgs(TRUE)
source(given[3])
d <- read.csv(given[1])
ours <- as.matrix(read.csv(given[2], check.names = FALSE))
say <- function(engine, points, whose, par, errors, llf) {
  numbers <- ifelse(is.na(c(par, errors)), "", formatC(c(par, errors), digits = 15, format = "g"))
  cat(paste(c(engine, points, whose, trimws(numbers), formatC(llf, digits = 8, format = "f")), collapse = ","), "\n", sep = "")
}
mine <- function(points) ours[ours[, 1] == points, -1]
none <- rep(NA, 5)

for (points in c(1, 7)) {
  plain <- suppressMessages(suppressWarnings(glmer(count_formula, d, poisson, nAGQ = points)))
  found <- polished_glmer(d, "poisson", points)
  start <- c(fixef(plain), getME(plain, "theta"))
  say("lme4", points, "default", start, c(sqrt(diag(as.matrix(vcov(plain)))), NA), found$llf_at(start))
  say("lme4", points, "polished", found$par, found$errors, found$llf)
  say("lme4", points, "this engine", mine(points), none, found$llf_at(mine(points)))
}

outside <- function(p) c(p[1:4], exp(p[5]))
inside <- function(p) c(p[1:4], log(p[5]))
plain <- suppressWarnings(glmmTMB(count_formula, d, family = poisson))
found <- polished_tmb(d, count_formula, poisson, outside)
par <- plain$fit$par
say("glmmTMB", 1, "default", outside(par), c(sqrt(diag(vcov(plain)$cond)), NA), found$llf_at(par))
say("glmmTMB", 1, "polished", found$par, found$errors, found$llf)
say("glmmTMB", 1, "this engine", mine(1), none, found$llf_at(inside(mine(1))))
cat("versions,", R.version.string, ", lme4 ", as.character(packageVersion("lme4")), ", glmmTMB ",
    as.character(packageVersion("glmmTMB")), ", numDeriv ", as.character(packageVersion("numDeriv")), "\n", sep = "")
