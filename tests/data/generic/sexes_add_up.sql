{#- Where an area has all three, males and females are its persons at every age. -#}
{% test sexes_add_up(model) %}
select
    males.lsoa_code,
    males.mid_year
from {{ model }} as males
inner join {{ model }} as females
    on males.lsoa_code = females.lsoa_code
    and males.lsoa_vintage = females.lsoa_vintage
    and males.mid_year = females.mid_year
inner join {{ model }} as persons
    on males.lsoa_code = persons.lsoa_code
    and males.lsoa_vintage = persons.lsoa_vintage
    and males.mid_year = persons.mid_year
where
    males.sex = 'male'
    and females.sex = 'female'
    and persons.sex = 'persons'
    and (
        {% for age in range(91) -%}
        {{ 'or ' if not loop.first }}abs(
            males.age_{{ age }} + females.age_{{ age }} - persons.age_{{ age }}
        ) > 0.5
        {% endfor %}
    )
{% endtest %}
