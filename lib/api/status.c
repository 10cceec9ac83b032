#include <wildcam/status.h>

static const struct {
    wildcam_status status;
    int is_retriable;
    const char *name, *text;
} statuses[] = {
#define ROW(name, value, retriable, text) {value, retriable, "WILDCAM_" #name, text},
    WILDCAM_STATUS_LIST(ROW)
#undef ROW
};

enum { STATUSES = sizeof statuses / sizeof statuses[0] };

/* The values are 0, -1, -2 and so on, so that a status finds its row. */
static int row_of(wildcam_status status)
{
    return status <= 0 && status > -STATUSES && statuses[-status].status == status ? -status : -1;
}

const char *wildcam_status_name(wildcam_status status)
{
    int row = row_of(status);
    return row < 0 ? "WILDCAM_ERR_UNKNOWN" : statuses[row].name;
}

const char *wildcam_status_text(wildcam_status status)
{
    int row = row_of(status);
    return row < 0 ? "a status this library does not know" : statuses[row].text;
}

int wildcam_status_is_retriable(wildcam_status status)
{
    int row = row_of(status);
    return row < 0 ? 0 : statuses[row].is_retriable;
}

int wildcam_status_at(size_t index, wildcam_status *status)
{
    if (index >= STATUSES || !status)
        return 0;
    *status = statuses[index].status;
    return 1;
}
