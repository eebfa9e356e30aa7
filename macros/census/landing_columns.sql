{#- What every landed table holds and how each column is typed: the one home of that.
    Types: date, flag, count (whole, not negative), integer, number, area (a nine
    character area code), code:<set of seeds/codes/code_sets.csv>, text. Text cannot
    fail to type. `keys` become integers; partitioned tables also have census_year and
    la_number. -#}
{% macro landing_columns(table) %}
    {% set referral = ['child_no', 'referral_no'] %}
    {% set tables = {
        'returns': {'keys': [], 'columns': {
            'reference_date': 'date', 'software_code': 'text', 'release': 'text',
            'serial_no': 'text', 'submitted_at': 'text', 'file_name': 'text',
            'file_sha256': 'text', 'n_children': 'count',
        }},
        'children': {'keys': ['child_no'], 'columns': {
            'la_child_id': 'text', 'upn': 'text', 'former_upn': 'text',
            'upn_unknown': 'code:unknownupn', 'birth_date': 'date',
            'expected_birth_date': 'date', 'sex': 'code:sex', 'death_date': 'date',
            'ethnicity': 'code:ethnicity',
        }},
        'disabilities': {'keys': ['child_no', 'disability_no'], 'columns': {
            'disability': 'code:disability',
        }},
        'referrals': {'keys': referral, 'columns': {
            'referral_date': 'date', 'referral_source': 'code:referralsource',
            'primary_need_code': 'code:primaryneedcode', 'closure_date': 'date',
            'reason_for_closure': 'code:reasonforclosure', 'initial_cpc_date': 'date',
            'referral_nfa': 'flag',
        }},
        'assessments': {'keys': referral + ['assessment_no'], 'columns': {
            'start_date': 'date', 'internal_review_date': 'date',
            'authorisation_date': 'date',
        }},
        'assessment_factors': {
            'keys': referral + ['assessment_no', 'factor_no'],
            'columns': {'factor': 'code:assessmentfactors'},
        },
        'cin_plans': {'keys': referral + ['cin_plan_no'], 'columns': {
            'start_date': 'date', 'end_date': 'date',
        }},
        'section47': {'keys': referral + ['section47_no'], 'columns': {
            'start_date': 'date', 'initial_cpc_target_date': 'date',
            'initial_cpc_date': 'date', 'icpc_not_required': 'flag',
        }},
        'child_protection_plans': {'keys': referral + ['cp_plan_no'], 'columns': {
            'start_date': 'date', 'end_date': 'date',
            'initial_category': 'code:categoryofabuse',
            'latest_category': 'code:categoryofabuse', 'n_previous_plans': 'count',
        }},
        'cpp_reviews': {'keys': referral + ['cp_plan_no', 'review_no'], 'columns': {
            'review_date': 'date',
        }},
        'child_locations': {'keys': [], 'columns': {
            'la_child_id': 'text', 'upn': 'text', 'pmr': 'text', 'lsoa_code': 'area',
        }},
    } %}
    {% if table in tables %}
        {% do return(tables[table]) %}
    {% endif %}
    {% do return(reference_columns(table)) %}
{% endmacro %}

{% macro reference_columns(table) %}
    {% set ages = {'all_ages': 'number'} %}
    {% for age in range(91) %}
        {% do ages.update({'age_' ~ age: 'number'}) %}
    {% endfor %}
    {% set tables = {
        'ref_lsoa_deprivation': {
            'lsoa_code': 'area', 'lsoa_vintage': 'text', 'iod_release': 'text',
            'domain': 'text', 'score': 'number',
        },
        'ref_la_deprivation': {
            'la_code': 'area', 'iod_release': 'text', 'domain': 'text',
            'average_score': 'number',
        },
        'ref_lsoa_iod_population': {
            'lsoa_code': 'area', 'lsoa_vintage': 'text', 'iod_release': 'text',
            'total_population': 'number', 'dependent_children': 'number',
        },
        'ref_lsoa_population': dict(
            {
                'lsoa_code': 'area', 'lsoa_vintage': 'text', 'mid_year': 'count',
                'sex': 'text',
            }, **ages
        ),
        'ref_oa_lookup': {
            'oa11_code': 'area', 'lsoa11_code': 'area', 'msoa11_code': 'area',
            'lad17_code': 'area', 'region_code': 'area', 'country_code': 'area',
        },
        'ref_oa21_lookup': {
            'oa21_code': 'area', 'lsoa21_code': 'area', 'msoa21_code': 'area',
        },
        'ref_lsoa_exact_fit': {
            'lsoa11_code': 'area', 'lsoa21_code': 'area', 'change_code': 'text',
            'lad_code': 'area', 'lad_year': 'count',
        },
        'ref_la_code': {
            'la_number': 'text', 'la_code': 'area', 'la_name': 'text',
            'region_code': 'area', 'region_name': 'text', 'first_year': 'count',
            'last_year': 'count',
        },
        'ref_lsoa_lad': {
            'lsoa11_code': 'area', 'lad_code': 'area', 'lad_year': 'count',
        },
        'ref_lad_utla': {
            'lad_code': 'area', 'utla_code': 'area', 'lookup_year': 'count',
        },
        'ref_lsoa_rural_urban': {
            'lsoa11_code': 'area', 'ruc_code': 'text', 'ruc_name': 'text',
            'ruc_release': 'text',
        },
        'ref_lsoa_density': {
            'lsoa_code': 'area', 'mid_year': 'count', 'population': 'number',
            'area_sq_km': 'number', 'people_per_sq_km': 'number',
        },
        'ref_ethnic_population': {
            'area_code': 'area', 'census': 'text', 'sex': 'text', 'age_group': 'text',
            'ethnic_group': 'text', 'persons': 'number',
        },
        'ref_la_indicator': {
            'la_code': 'area', 'indicator': 'text', 'census_year': 'count',
            'value': 'number',
        },
        'ref_published_indicator': {
            'publication': 'text', 'release': 'text', 'table_name': 'text',
            'time_period': 'text', 'geographic_level': 'text', 'area_code': 'text',
            'la_number': 'text', 'area_name': 'text', 'topic': 'text',
            'breakdown': 'text', 'measure': 'text', 'value': 'number', 'marker': 'text',
        },
        'ref_statistical_neighbour': {
            'la_number': 'text', 'neighbour_rank': 'count', 'neighbour_la_number': 'text',
            'closeness': 'text',
        },
        'planted_values': {
            'table_no': 'text', 'row_label': 'text', 'statistic': 'text',
            'value': 'number',
        },
    } %}
    {% if table not in tables %}
        {% do exceptions.raise_compiler_error(
            'no landed table is called ' ~ table
            ~ ': its columns belong in macros/census/landing_columns.sql'
        ) %}
    {% endif %}
    {% do return({'keys': none, 'columns': tables[table]}) %}
{% endmacro %}
