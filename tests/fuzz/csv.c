/* CSV: whatever is read keeps to its limits, and what is written of it reads back as the same. */
#include "exchange/camtrapdp.h"

#include "fuzz.h"

/* Writes the row at hand and reads it again. */
static void check_row(const struct wci_csv_reader *row)
{
    struct wci_text out = {0};
    struct wci_source source;
    struct wci_csv_reader again;
    for (size_t i = 0; i < row->count; i++)
        wci_csv_put(&out, i == 0, wci_csv_field(row, i));
    wci_csv_finish_row(&out);
    bool is_empty = row->count == 1 && !*wci_csv_field(row, 0);
    wci_source_of_bytes(&source, "again", out.data, out.length);
    wci_csv_begin(&again, &source);
    wildcam_step step = wci_csv_next(&again);
    must(step == (is_empty ? 0 : 1)); /* an empty line is none */
    must(is_empty || again.count == row->count);
    for (size_t i = 0; !is_empty && i < row->count; i++) {
        must(strcmp(wci_csv_field(&again, i), wci_csv_field(row, i)) == 0);
    }
    wci_csv_end(&again);
    wci_text_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wci_source source;
    struct wci_csv_reader reader;
    int64_t line = 0;
    wildcam_step step;
    void *copy = fuzz_copy(data, size);
    wci_source_of_bytes(&source, "input", copy, size);
    wci_csv_begin(&reader, &source);
    while ((step = wci_csv_next(&reader)) == 1) {
        must(reader.count >= 1 && reader.count <= WCI_CSV_FIELDS_MAX);
        must(reader.line > line);
        line = reader.line;
        check_row(&reader);
    }
    must(step == 0 || step == WILDCAM_ERR_INVALID);
    must(step == 0 || *wildcam_error_message());
    wci_csv_end(&reader);
    free(copy);
    return 0;
}
