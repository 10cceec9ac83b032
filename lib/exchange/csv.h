/*
 * CSV by RFC 4180, row by row, in bounded memory.
 *
 * Read leniently: a byte order mark, bare line feeds, empty lines and blanks behind a closing quote
 * pass. What would hide a loss does not: a quote that is never closed, a field over its limit.
 * Written strictly: quotes where they are needed, CR LF at the end of a row.
 */
#ifndef WCI_EXCHANGE_CSV_H
#define WCI_EXCHANGE_CSV_H

#include <stdint.h>

#include "base/text.h"
#include "exchange/source.h"

enum { WCI_CSV_FIELDS_MAX = 512, WCI_CSV_ROW_MAX = 1 << 20 };

struct wci_csv_reader {
    struct wci_source *source;
    struct wci_text row;               /* the fields, each with a NUL behind it */
    size_t starts[WCI_CSV_FIELDS_MAX]; /* where each begins in `row` */
    size_t count;
    int64_t line; /* where the row begins, from 1 */
    int64_t next_line;
    int64_t place; /* the position in the source at which the row begins */
};

/* The source is borrowed. */
void wci_csv_begin(struct wci_csv_reader *reader, struct wci_source *source);
void wci_csv_end(struct wci_csv_reader *reader);
/* 1 a row, 0 the end, negative a failure with file and line in its sentence. */
wildcam_step wci_csv_next(struct wci_csv_reader *reader);
/* A field of the row; "" where the row is shorter. Valid until the next row. */
const char *wci_csv_field(const struct wci_csv_reader *reader, size_t index);

/* Writing: fields one by one, the first of a row without a comma. */
void wci_csv_put(struct wci_text *out, bool is_first, const char *value);
void wci_csv_finish_row(struct wci_text *out);
/* Whether a spreadsheet would take a text for a formula. What is made for people has an apostrophe
 * before it; a package must not, as its readers are programs. */
bool wci_csv_is_formula(const char *text);

#endif
