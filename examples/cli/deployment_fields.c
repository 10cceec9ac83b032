#include "deployment_fields.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "camera_fields.h"
#include "table.h"

enum { REASON_TEXT = 1100 };

static const struct column field_columns[] = {{"field", true, false}, {"value", true, false}};

void deployment_offset(const wildcam_deployment *deployment, char text[WILDCAM_TIME_TEXT])
{
    int32_t offset = wildcam_deployment_get_offset(deployment);
    *text = '\0';
    if (offset != WILDCAM_OFFSET_UNKNOWN)
        snprintf(text, WILDCAM_TIME_TEXT, "%c%02d:%02d", offset < 0 ? '-' : '+', abs(offset) / 3600,
                 abs(offset) / 60 % 60);
}

void deployment_shift(const wildcam_deployment *deployment, char text[WILDCAM_TIME_TEXT])
{
    int64_t wrong = wildcam_deployment_get_wrong_time(deployment);
    *text = '\0';
    if (wrong != WILDCAM_TIME_NONE)
        snprintf(text, WILDCAM_TIME_TEXT, "%+" PRId64 " s",
                 (wildcam_deployment_get_right_time(deployment) - wrong) / 1000000);
}

static void add(struct table *table, const char *name, const char *value)
{
    table_add(table, name);
    table_add(table, value);
}

static void add_time(struct table *table, const char *name, int64_t time)
{
    char text[WILDCAM_TIME_TEXT];
    camera_time(time, text);
    add(table, name, text);
}

/* As a clock shows it: the two of a correction say nothing of UTC. */
static void add_clock(struct table *table, const char *name, int64_t time)
{
    char text[WILDCAM_TIME_TEXT];
    camera_time(time, text);
    text[strcspn(text, "+")] = '\0';
    add(table, name, text);
}

static void add_failures(struct table *table, const wildcam_deployment *deployment)
{
    for (size_t i = 0; i < wildcam_deployment_get_failure_count(deployment); i++) {
        char from[WILDCAM_TIME_TEXT], to[WILDCAM_TIME_TEXT], text[REASON_TEXT];
        int64_t begins, ends;
        const char *reason;
        if (wildcam_deployment_get_failure(deployment, i, &begins, &ends, &reason) != WILDCAM_OK)
            continue;
        camera_time(begins, from);
        camera_time(ends, to);
        snprintf(text, sizeof text, "%s to %s%s%s", from, to, *reason ? ": " : "", reason);
        add(table, "failure", text);
    }
}

bool deployment_fields_write(const wildcam_deployment *deployment)
{
    struct table table;
    char text[WILDCAM_TIME_TEXT];
    table_begin(&table, TABLE_TEXT, field_columns, 2);
    add(&table, "deployment_id", wildcam_deployment_get_key(deployment));
    add(&table, "device_id", wildcam_deployment_get_device_id(deployment));
    add_time(&table, "start", wildcam_deployment_get_start(deployment));
    add_time(&table, "end", wildcam_deployment_get_end(deployment));
    deployment_offset(deployment, text);
    add(&table, "utc_offset", text);
    add_clock(&table, "wrong_time", wildcam_deployment_get_wrong_time(deployment));
    add_clock(&table, "right_time", wildcam_deployment_get_right_time(deployment));
    deployment_shift(deployment, text);
    add(&table, "shift", text);
    for (int i = 0; *wildcam_deployment_number_name(i); i++) {
        double number = wildcam_deployment_get_number(deployment, i);
        *text = '\0';
        if (isfinite(number))
            snprintf(text, sizeof text, "%.10g", number);
        add(&table, wildcam_deployment_number_name(i), text);
    }
    for (int i = 0; *wildcam_deployment_text_name(i); i++)
        add(&table, wildcam_deployment_text_name(i), wildcam_deployment_get_text(deployment, i));
    for (int i = 0; *wildcam_deployment_flag_name(i); i++) {
        int flag = wildcam_deployment_get_flag(deployment, i);
        add(&table, wildcam_deployment_flag_name(i), flag < 0 ? "" : flag ? "yes" : "no");
    }
    add_failures(&table, deployment);
    return table_end(&table);
}
