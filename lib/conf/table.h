/* The rows of the table of settings, and what their types accept. */
#ifndef WCI_CONF_TABLE_H
#define WCI_CONF_TABLE_H

#include "conf/conf.h"

enum wci_setting_type {
    WCI_TEXT,
    WCI_INT,
    WCI_SIZE,
    WCI_NUMBER,
    WCI_BOOL,
    WCI_CHOICE,
    WCI_GEOMETRY
};

struct wildcam_setting {
    const char *name;
    enum wci_setting_type type;
    const char *unit, *standard;
    int64_t min, max;
    const char *words; /* settings.h says of what */
    int secret;
    const char *since, *help;
};

/* A value in the two forms it is read in. */
struct wci_setting_value {
    int64_t whole; /* INT, SIZE, BOOL, a CHOICE's index, a GEOMETRY's width << 16 | height */
    double real;
};

const wildcam_setting *wci_setting_row(size_t index);
wildcam_status wci_setting_parse(const wildcam_setting *row, const char *text,
                                 struct wci_setting_value *value);
/* Whether it stands for settings whose names end in a word of the user's. */
bool wci_setting_is_family(const wildcam_setting *row);
/* The limits in words. */
void wci_setting_limits(const wildcam_setting *row, char *buffer, size_t size);
const char *wci_setting_type_name(enum wci_setting_type type);

#endif
