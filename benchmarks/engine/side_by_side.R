# Times one fit of glmer and of glmmTMB at their defaults: name, seconds, four coefficients, sd, log-likelihood.
suppressPackageStartupMessages({
  library(lme4)
  library(glmmTMB)
})
d <- read.csv(commandArgs(TRUE)[1])
formula <- y ~ x1 * x2 + offset(log(pop)) + (1 | group)
say <- function(name, seconds, coefs, sd, llf) {
  cat(paste(c(name, format(c(seconds, coefs, sd, llf), digits = 15, trim = TRUE)), collapse = ","), "\n", sep = "")
}
seconds <- system.time(fit <- suppressMessages(suppressWarnings(glmer(formula, d, poisson))))[["elapsed"]]
say("lme4::glmer", seconds, fixef(fit), getME(fit, "theta"), as.numeric(logLik(fit)))
seconds <- system.time(fit <- suppressWarnings(glmmTMB(formula, d, family = poisson)))[["elapsed"]]
say("glmmTMB", seconds, fixef(fit)$cond, sqrt(as.numeric(VarCorr(fit)$cond$group)), as.numeric(logLik(fit)))
