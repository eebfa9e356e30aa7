{#- The seed of exact limits and the expansion of macros/rates/garwood.sql agree where
    both are good: counts from `first`, to a relative `tolerance`. -#}
{% test limits_meet_expansion(model, first, tolerance) %}
select
    limits.n,
    limits.lower_limit,
    limits.upper_limit
from {{ model }} as limits
where
    limits.n >= {{ first }}
    and (
        abs({{ half_chi_square('2 * limits.n', -1) }} / limits.lower_limit - 1)
        > {{ tolerance }}
        or abs({{ half_chi_square('(2 * limits.n + 2)', 1) }} / limits.upper_limit - 1)
        > {{ tolerance }}
    )
{% endtest %}
