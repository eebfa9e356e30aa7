{#- Settings that would silently change a number are refused before anything runs. -#}
{% macro check_settings() %}
{% if execute %}
    {% set allowed = {
        'age_basis': ['event', '31_march'],
        'la_average_weighting': ['published', 'residents', 'children'],
        'cp_category': ['initial', 'latest'],
        'iod_release': ['', '2015', '2019', '2025'],
    } %}
    {% for name, values in allowed.items() %}
        {% if var(name) | string not in values %}
            {% do exceptions.raise_compiler_error(
                'var ' ~ name ~ ' is ' ~ var(name) ~ ': it must be one of '
                ~ values | join(', ')
            ) %}
        {% endif %}
    {% endfor %}
    {% set low, high = var('age_min') | int, var('age_max') | int %}
    {% if low < 0 or high > 24 or low > high %}
        {% do exceptions.raise_compiler_error(
            'vars age_min and age_max are ' ~ low ~ ' and ' ~ high
            ~ ': they must be whole years, 0 <= age_min <= age_max <= 24'
        ) %}
    {% endif %}
    {% do check_confidence_level() %}
{% endif %}
{% endmacro %}
