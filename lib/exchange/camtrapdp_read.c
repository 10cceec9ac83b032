#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/json_read.h"
#include "base/number.h"
#include "exchange/camtrapdp.h"
#include "model/check.h"

static wildcam_status find_columns(struct wci_table_reader *reader)
{
    wildcam_step step = wci_csv_next(&reader->csv);
    if (step < 0)
        return step;
    for (size_t i = 0; i < reader->csv.count; i++) {
        const char *name = wci_csv_field(&reader->csv, i);
        size_t column = 0;
        while (column < reader->table->count && strcmp(reader->table->columns[column], name) != 0)
            column++;
        if (column < reader->table->count && !reader->at[column])
            reader->at[column] = i + 1;
        else
            wci_text_add_format(&reader->others, "%s%s", reader->others.length ? ", " : "", name);
    }
    if (reader->others.failed)
        return wci_fail_memory();
    return reader->at[0]
               ? WILDCAM_OK
               : wci_fail(WILDCAM_ERR_INVALID,
                          "%.300s has no column %s: it is no table "
                          "of %s of Camtrap DP",
                          reader->source.path, reader->table->columns[0], reader->table->name);
}

wildcam_status wci_table_open(struct wci_table_reader *reader, const struct wci_table *table,
                              const char *path)
{
    *reader = (struct wci_table_reader){.table = table};
    wildcam_status status = wci_source_open(&reader->source, path);
    wci_csv_begin(&reader->csv, &reader->source);
    return status == WILDCAM_OK ? find_columns(reader) : status;
}

wildcam_step wci_table_next(struct wci_table_reader *reader)
{
    return wci_csv_next(&reader->csv);
}

wildcam_step wci_table_read_at(struct wci_table_reader *reader, int64_t place)
{
    wildcam_status status = wci_source_seek(&reader->source, place);
    return status == WILDCAM_OK ? wci_csv_next(&reader->csv) : status;
}

const char *wci_table_cell(const struct wci_table_reader *reader, size_t column)
{
    const char *cell = reader->at[column] ? wci_csv_field(&reader->csv, reader->at[column] - 1)
                                          : "";
    bool is_missing = strcmp(cell, "NA") == 0 || strcmp(cell, "NaN") == 0 ||
                      strcmp(cell, "nan") == 0;
    return is_missing ? "" : cell;
}

void wci_table_close(struct wci_table_reader *reader)
{
    wci_csv_end(&reader->csv);
    wci_source_close(&reader->source);
    wci_text_free(&reader->others);
}

void wci_cells_keep(const struct wci_table_reader *reader, int64_t import_id, struct wci_text *out)
{
    struct wci_json json = {.out = out};
    wci_text_empty(out);
    wci_json_open(&json, NULL, '{');
    wci_json_open(&json, "camtrapdp", '{');
    for (size_t i = 0; i < reader->table->count; i++)
        if (*wci_table_cell(reader, i))
            wci_json_text(&json, reader->table->columns[i], wci_table_cell(reader, i));
    wci_json_int(&json, "import", import_id);
    wci_json_close(&json, '}');
    wci_json_close(&json, '}');
}

json_t *wci_cells_kept(const char *json, bool *is_short)
{
    json_t *whole;
    json_error_t error;
    if (!strstr(json, "\"camtrapdp\""))
        return NULL;
    if (wci_json_read(json, strlen(json), &whole, &error) == WILDCAM_ERR_NOMEM)
        *is_short = true;
    json_t *kept = json_incref(json_object_get(whole, "camtrapdp"));
    json_decref(whole);
    if (json_is_object(kept))
        return kept;
    json_decref(kept);
    return NULL;
}

int64_t wci_cells_kept_import(const json_t *kept)
{
    return json_integer_value(json_object_get(kept, "import"));
}

wildcam_status wci_cells_keep_media(struct wci_text *json, const char *media)
{
    bool is_short = false;
    json_t *kept = wci_cells_kept(wci_text_get(json), &is_short), *whole = NULL;
    json_t *row = wci_cells_kept(media, &is_short);
    if (kept && row && json_object_set(kept, "media", row) == 0)
        whole = json_pack("{s:O}", "camtrapdp", kept);
    char *text = whole ? json_dumps(whole, JSON_COMPACT) : NULL;
    wildcam_status status = text ? WILDCAM_OK : wci_fail_memory();
    if (text && strlen(text) <= WCI_METADATA_MAX)
        status = wci_text_set(json, text, strlen(text));
    free(text);
    json_decref(whole);
    json_decref(kept);
    json_decref(row);
    return status;
}

json_t *wci_cells_kept_media(const json_t *kept)
{
    return json_object_get(kept, "media");
}

const char *wci_cells_kept_cell(const json_t *kept, const struct wci_table *table, size_t column)
{
    const char *cell = json_string_value(json_object_get(kept, table->columns[column]));
    return cell ? cell : "";
}

int wci_camtrapdp_flag(const char *cell)
{
    if (wci_words_match(cell, "true") || strcmp(cell, "1") == 0)
        return 1;
    return wci_words_match(cell, "false") || strcmp(cell, "0") == 0 ? 0 : -1;
}

/* Whether two cells mean the same, whatever they look like. */
static bool is_same(enum wci_cell_kind kind, const char *left, const char *right)
{
    double numbers[2];
    int64_t times[2];
    int32_t offset;
    int is_date;
    if (strcmp(left, right) == 0)
        return true;
    if (kind == WCI_CELL_REAL)
        return wci_number_parse_real(left, &numbers[0]) &&
               wci_number_parse_real(right, &numbers[1]) && numbers[0] == numbers[1];
    if (kind == WCI_CELL_TIME)
        return wci_calendar_parse(left, &times[0], &offset, &is_date) &&
               wci_calendar_parse(right, &times[1], &offset, &is_date) && times[0] == times[1];
    return kind == WCI_CELL_FLAG && wci_camtrapdp_flag(left) >= 0 &&
           wci_camtrapdp_flag(left) == wci_camtrapdp_flag(right);
}

void wci_cells_respell(struct wci_cells *cells, const struct wci_table *table, const json_t *kept,
                       const size_t *fill)
{
    for (size_t i = 0; kept && i < table->count; i++) {
        const char *spelling = wci_cells_kept_cell(kept, table, i);
        if (*spelling && cells->values[i].length &&
            is_same(table->kinds[i], wci_text_get(&cells->values[i]), spelling))
            wci_cells_set(cells, i, spelling);
    }
    for (; kept && *fill != SIZE_MAX; fill++)
        if (!cells->values[*fill].length)
            wci_cells_set(cells, *fill, wci_cells_kept_cell(kept, table, *fill));
}
