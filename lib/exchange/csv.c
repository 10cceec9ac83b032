#include "exchange/csv.h"

#include <string.h>

#include "base/number.h"

void wci_csv_begin(struct wci_csv_reader *reader, struct wci_source *source)
{
    *reader = (struct wci_csv_reader){.source = source, .next_line = 1};
}

void wci_csv_end(struct wci_csv_reader *reader)
{
    wci_text_free(&reader->row);
}

static wildcam_status fail(const struct wci_csv_reader *reader, const char *what)
{
    return wci_fail(WILDCAM_ERR_INVALID, "%.300s, line %lld: %s", reader->source->path,
                    (long long)reader->line, what);
}

/* Begins a field, or says that there are too many. */
static wildcam_status begin_field(struct wci_csv_reader *reader)
{
    if (reader->count == WCI_CSV_FIELDS_MAX)
        return fail(reader, "the row has more than 512 fields");
    reader->starts[reader->count++] = reader->row.length;
    return WILDCAM_OK;
}

static wildcam_status add(struct wci_csv_reader *reader, int byte)
{
    if (byte == '\0')
        return fail(reader, "a field holds a NUL byte");
    if (reader->row.length >= WCI_CSV_ROW_MAX)
        return fail(reader, "the row is over 1048576 bytes; is a quote not closed?");
    wci_text_add_char(&reader->row, (char)byte);
    return reader->row.failed ? wci_fail_memory() : WILDCAM_OK;
}

/* Behind an opening quote, up to the closing one. */
static wildcam_status read_quoted(struct wci_csv_reader *reader)
{
    for (;;) {
        int byte = wci_source_get(reader->source);
        if (byte == WCI_SOURCE_FAILED)
            return reader->source->failure;
        if (byte == WCI_SOURCE_END)
            return fail(reader, "a quote is not closed");
        if (byte == '"' && wci_source_peek(reader->source) != '"')
            return WILDCAM_OK;
        if (byte == '"')
            wci_source_get(reader->source);
        reader->next_line += byte == '\n';
        wildcam_status status = add(reader, byte);
        if (status != WILDCAM_OK)
            return status;
    }
}

static bool ends_field(int byte)
{
    return byte == ',' || byte == '\n' || byte == '\r' || byte == WCI_SOURCE_END;
}

/* One field, and what ends it: ',' or '\n' or the end of the source. */
static wildcam_status read_field(struct wci_csv_reader *reader, int *end)
{
    bool was_quoted = false;
    wildcam_status status = begin_field(reader);
    while (status == WILDCAM_OK) {
        int byte = wci_source_get(reader->source);
        if (byte == WCI_SOURCE_FAILED)
            return reader->source->failure;
        if (ends_field(byte)) {
            if (byte == '\r' && wci_source_peek(reader->source) == '\n')
                wci_source_get(reader->source);
            *end = byte == '\r' ? '\n' : byte;
            break;
        }
        if (byte == '"' && !was_quoted && reader->row.length == reader->starts[reader->count - 1]) {
            was_quoted = true;
            status = read_quoted(reader);
        } else if (!was_quoted) {
            status = add(reader, byte);
        } else if (byte != ' ' && byte != '\t') {
            return fail(reader, "something follows a closing quote");
        }
    }
    if (status == WILDCAM_OK)
        wci_text_add_bytes(&reader->row, "", 1); /* the NUL is part of the text */
    return reader->row.failed ? wci_fail_memory() : status;
}

static void skip_mark(struct wci_csv_reader *reader)
{
    struct wci_source *source = reader->source;
    if (wci_source_peek(source) != 0xef || source->end - source->at < 3 ||
        memcmp(source->data + source->at, "\xef\xbb\xbf", 3) != 0)
        return;
    for (int i = 0; i < 3; i++)
        wci_source_get(source);
}

wildcam_step wci_csv_next(struct wci_csv_reader *reader)
{
    int end = ',';
    if (reader->next_line == 1)
        skip_mark(reader);
    while (wci_source_peek(reader->source) == '\n' || wci_source_peek(reader->source) == '\r') {
        reader->next_line += wci_source_peek(reader->source) == '\n';
        wci_source_get(reader->source);
    }
    reader->line = reader->next_line;
    reader->place = reader->source->position;
    reader->count = 0;
    wci_text_empty(&reader->row);
    int first = wci_source_peek(reader->source);
    if (first == WCI_SOURCE_FAILED)
        return reader->source->failure;
    if (first == WCI_SOURCE_END)
        return 0;
    while (end == ',') {
        wildcam_status status = read_field(reader, &end);
        if (status != WILDCAM_OK)
            return status;
    }
    reader->next_line += end == '\n';
    return 1;
}

const char *wci_csv_field(const struct wci_csv_reader *reader, size_t index)
{
    return index < reader->count ? reader->row.data + reader->starts[index] : "";
}

void wci_csv_put(struct wci_text *out, bool is_first, const char *value)
{
    /* A mark at the beginning would be taken for the file's. */
    bool plain = !strpbrk(value, ",\"\r\n") && *value != ' ' &&
                 strncmp(value, "\xef\xbb\xbf", 3) != 0;
    if (!is_first)
        wci_text_add_char(out, ',');
    if (plain) {
        wci_text_add(out, value);
        return;
    }
    wci_text_add_char(out, '"');
    for (; *value; value++) {
        if (*value == '"')
            wci_text_add_char(out, '"');
        wci_text_add_char(out, *value);
    }
    wci_text_add_char(out, '"');
}

void wci_csv_finish_row(struct wci_text *out)
{
    wci_text_add(out, "\r\n");
}

bool wci_csv_is_formula(const char *text)
{
    double number;
    return *text && strchr("=+-@\t\r", *text) && !wci_number_parse_real(text, &number);
}
