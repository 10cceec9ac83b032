/* Times as clients write them: what is taken can be written and read again. */
#include <math.h>

#include <wildcam/time.h>

#include "fuzz.h"

static bool is_time(int64_t time)
{
    return time >= WILDCAM_TIME_MIN && time < WILDCAM_TIME_END;
}

static void check_text(const char *text)
{
    int64_t time, again;
    int32_t offset, offset_again;
    int is_date = -1;
    char written[WILDCAM_TIME_TEXT];
    if (wildcam_time_parse(text, &time, &offset, &is_date) != WILDCAM_OK) {
        must(wildcam_error_message()[0]);
        return;
    }
    must(is_time(time) && (is_date == 0 || is_date == 1));
    must(offset == WILDCAM_OFFSET_UNKNOWN || abs(offset) < 86400);
    must(wildcam_time_format(time, offset, written, sizeof written) == WILDCAM_OK);
    must(wildcam_time_parse(written, &again, &offset_again, NULL) == WILDCAM_OK);
    must(again == time);
    must(offset_again == (offset == WILDCAM_OFFSET_UNKNOWN ? 0 : offset));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t time;
    double number;
    char *text = fuzz_text(data, size);
    check_text(text);
    if (wildcam_time_from_path(text, &time) == WILDCAM_OK)
        must(is_time(time));
    number = strtod(text, NULL);
    if (wildcam_time_from_number(number, &time) == WILDCAM_OK)
        must(is_time(time));
    if (size >= sizeof number) {
        memcpy(&number, data, sizeof number);
        if (wildcam_time_from_number(number, &time) == WILDCAM_OK)
            must(is_time(time) && isfinite(number));
    }
    free(text);
    return 0;
}
