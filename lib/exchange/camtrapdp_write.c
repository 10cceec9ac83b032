#include <math.h>
#include <string.h>

#include <wildcam/time.h>

#include "base/calendar.h"
#include "base/number.h"
#include "exchange/camtrapdp.h"

#define NAME(name, kind) #name,
#define KIND(name, kind) WCI_CELL_##kind,
static const char *const deployment_names[] = {WCI_CAMTRAPDP_DEPLOYMENTS(NAME)};
static const enum wci_cell_kind deployment_kinds[] = {WCI_CAMTRAPDP_DEPLOYMENTS(KIND)};
static const char *const media_names[] = {WCI_CAMTRAPDP_MEDIA(NAME)};
static const enum wci_cell_kind media_kinds[] = {WCI_CAMTRAPDP_MEDIA(KIND)};
static const char *const observation_names[] = {WCI_CAMTRAPDP_OBSERVATIONS(NAME)};
static const enum wci_cell_kind observation_kinds[] = {WCI_CAMTRAPDP_OBSERVATIONS(KIND)};
#undef NAME
#undef KIND

const struct wci_table wci_camtrapdp_deployments = {"deployments", WCI_DEP_COUNT, deployment_names,
                                                    deployment_kinds};
const struct wci_table wci_camtrapdp_media = {"media", WCI_MED_COUNT, media_names, media_kinds};
const struct wci_table wci_camtrapdp_observations = {"observations", WCI_OBS_COUNT,
                                                     observation_names, observation_kinds};

void wci_cells_empty(struct wci_cells *cells)
{
    for (size_t i = 0; i < WCI_CELLS_MAX; i++)
        wci_text_empty(&cells->values[i]);
}

void wci_cells_free(struct wci_cells *cells)
{
    for (size_t i = 0; i < WCI_CELLS_MAX; i++)
        wci_text_free(&cells->values[i]);
}

void wci_cells_set(struct wci_cells *cells, size_t column, const char *value)
{
    wci_text_empty(&cells->values[column]);
    if (*value)
        wci_text_add(&cells->values[column], value);
}

void wci_cells_set_real(struct wci_cells *cells, size_t column, double value)
{
    char digits[WCI_NUMBER_TEXT];
    wci_text_empty(&cells->values[column]);
    if (isfinite(value))
        wci_text_add_bytes(&cells->values[column], digits, wci_number_format_real(value, digits));
}

void wci_cells_set_int(struct wci_cells *cells, size_t column, int64_t value)
{
    char digits[WCI_NUMBER_TEXT];
    wci_text_empty(&cells->values[column]);
    wci_text_add_bytes(&cells->values[column], digits, wci_number_format_int(value, digits));
}

void wci_cells_set_time(struct wci_cells *cells, size_t column, int64_t time, int32_t offset)
{
    struct wci_date date;
    /* The format has neither fractions nor seconds in an offset. */
    int32_t shown = offset == WILDCAM_OFFSET_UNKNOWN ? 0 : offset / 60 * 60;
    int32_t minutes = (shown < 0 ? -shown : shown) / 60;
    wci_calendar_split(time + shown * WCI_SECOND, &date);
    wci_text_empty(&cells->values[column]);
    wci_text_add_format(&cells->values[column], "%04d-%02d-%02dT%02d:%02d:%02d", date.year,
                        date.month, date.day, date.hour, date.minute, date.second);
    if (shown == 0)
        wci_text_add(&cells->values[column], "Z");
    else
        wci_text_add_format(&cells->values[column], "%c%02d:%02d", shown < 0 ? '-' : '+',
                            (int)minutes / 60, (int)minutes % 60);
}

void wci_camtrapdp_put_names(const struct wci_table *table, struct wci_text *out)
{
    for (size_t i = 0; i < table->count; i++)
        wci_csv_put(out, i == 0, table->columns[i]);
    wci_csv_finish_row(out);
}

void wci_camtrapdp_put_row(const struct wci_table *table, const struct wci_cells *cells,
                           struct wci_text *out)
{
    for (size_t i = 0; i < table->count; i++) {
        out->failed |= cells->values[i].failed;
        wci_csv_put(out, i == 0, wci_text_get(&cells->values[i]));
    }
    wci_csv_finish_row(out);
}

bool wci_camtrapdp_is_path(const char *path)
{
    return *path && !strchr("./~", *path) && !strstr(path, "..");
}

bool wci_camtrapdp_is_address(const char *path)
{
    return strncmp(path, "http://", 7) == 0 || strncmp(path, "https://", 8) == 0;
}
