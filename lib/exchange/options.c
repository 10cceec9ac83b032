#include "exchange/options.h"

#include <string.h>

#include "base/number.h"
#include "model/check.h"

enum kind { TEXT, FLAG, REAL, INT };
enum { TEXT_MAX = 4096, DECIMALS_MAX = 6 };

static const struct {
    const char *name, *fallback;
    enum kind kind;
} rows[] = {
#define ROW(id, name, kind, fallback, text) {#name, fallback, kind},
    WILDCAM_EXCHANGE_OPTIONS(ROW)
#undef ROW
};

const char *wci_exchange_figure_name(int figure)
{
    static const char *const names[] = {
#define NAME(name, value, text) [value] = text,
        WILDCAM_EXCHANGE_FIGURES(NAME)
#undef NAME
    };
    return names[figure];
}

static wildcam_status check(enum wci_exchange_option option, const char *value)
{
    double real;
    int64_t whole;
    switch (rows[option].kind) {
    case FLAG:
        if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0)
            return WILDCAM_OK;
        return wci_fail(WILDCAM_ERR_INVALID, "%s is true or false, not \"%.60s\"",
                        rows[option].name, value);
    case REAL:
        if (wci_number_parse_real(value, &real) && real >= 0 && real <= 1)
            return WILDCAM_OK;
        return wci_fail(WILDCAM_ERR_INVALID, "%s is 0 to 1, not \"%.60s\"", rows[option].name,
                        value);
    case INT:
        if (wci_number_parse_int(value, &whole) && whole >= 0 && whole <= DECIMALS_MAX)
            return WILDCAM_OK;
        return wci_fail(WILDCAM_ERR_INVALID, "%s is 0 to %d, not \"%.60s\"", rows[option].name,
                        DECIMALS_MAX, value);
    default:
        if (option == WCI_EXCHANGE_CAMERA)
            return wci_check_device_id(value);
        return wci_check_text(rows[option].name, value, TEXT_MAX, false);
    }
}

wildcam_status wci_exchange_set(struct wci_exchange_options *options, const char *name,
                                const char *value)
{
    for (enum wci_exchange_option i = 0; i < WCI_EXCHANGE_OPTION_COUNT; i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        wildcam_status status = *value ? check(i, value) : WILDCAM_OK;
        return status == WILDCAM_OK ? wci_text_set(&options->values[i], value, strlen(value))
                                    : status;
    }
    return wci_fail(WILDCAM_ERR_NOTFOUND, "an exchange has no option \"%.60s\"", name);
}

const char *wci_exchange_text(const struct wci_exchange_options *options,
                              enum wci_exchange_option option)
{
    const struct wci_text *value = &options->values[option];
    return value->length ? value->data : rows[option].fallback;
}

bool wci_exchange_flag(const struct wci_exchange_options *options, enum wci_exchange_option option)
{
    return strcmp(wci_exchange_text(options, option), "true") == 0;
}

double wci_exchange_real(const struct wci_exchange_options *options,
                         enum wci_exchange_option option)
{
    double value = 0;
    wci_number_parse_real(wci_exchange_text(options, option), &value);
    return value;
}

int wci_exchange_int(const struct wci_exchange_options *options, enum wci_exchange_option option)
{
    int64_t value = -1;
    wci_number_parse_int(wci_exchange_text(options, option), &value);
    return (int)value;
}

void wci_exchange_free_options(struct wci_exchange_options *options)
{
    for (size_t i = 0; i < WCI_EXCHANGE_OPTION_COUNT; i++)
        wci_text_free(&options->values[i]);
}
