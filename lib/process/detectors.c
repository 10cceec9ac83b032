#include "process/detectors.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/check.h"
#include "process/children.h"
#include "process/motion.h"
#include "process/onnx.h"

/* The detectors that come with the library: the word of process.detector, with its colon where an
 * argument follows, and what opens it. */
static const struct kind {
    const char *word;
    wci_detector_open *open;
} kinds[] = {
    {"onnx:", wci_onnx_open},
    {"motion", wci_motion_open},
    {"process:", wci_children_open},
    {NULL, NULL},
};

bool wci_detector_is_refusal(wildcam_status status)
{
    return status == WILDCAM_ERR_NOTJPEG || status == WILDCAM_ERR_TRUNCATED ||
           status == WILDCAM_ERR_TOOLARGE || status == WILDCAM_ERR_UNSUPPORTED ||
           status == WILDCAM_ERR_CORRUPT || status == WILDCAM_ERR_RELEASED;
}

static void release(struct wci_detector *detector)
{
    wci_text_free(&detector->name);
    wci_text_free(&detector->version);
}

/* ---- those of the host program ---- */

static const struct wci_detector *find_known(const struct wci_detectors *detectors,
                                             const char *name, size_t length)
{
    for (size_t i = 0; i < detectors->known_count; i++)
        if (detectors->known[i].name.length == length &&
            memcmp(detectors->known[i].name.data, name, length) == 0)
            return &detectors->known[i];
    return NULL;
}

static const struct kind *find_kind(const char *name, size_t length)
{
    for (const struct kind *kind = kinds; kind->word; kind++) {
        size_t known = strlen(kind->word);
        bool takes_argument = kind->word[known - 1] == ':';
        if (takes_argument ? length > known && memcmp(name, kind->word, known) == 0
                           : length == known && memcmp(name, kind->word, known) == 0)
            return kind;
    }
    return NULL;
}

/* The characters of a word in process.detector that stands for a name. */
static wildcam_status check_name(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > WCI_DETECTOR_TEXT_MAX)
        return wci_fail(WILDCAM_ERR_INVALID, "a detector's name has 1 to %d bytes, not %zu",
                        WCI_DETECTOR_TEXT_MAX, length);
    for (const char *at = name; *at; at++)
        if (!((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
              (*at >= '0' && *at <= '9') || strchr("._-", *at)))
            return wci_fail(WILDCAM_ERR_INVALID,
                            "a detector's name has letters, digits, ., _ and -: \"%.100s\"", name);
    return WILDCAM_OK;
}

wildcam_status wci_detectors_add(struct wci_detectors *detectors, const char *name,
                                 const char *version, wildcam_detector_fn *fn, void *user)
{
    void *known = detectors->known;
    struct wci_detector fresh = {.detect = fn, .user = user};
    wildcam_status status = check_name(name);
    if (status != WILDCAM_OK)
        return status;
    if (detectors->list)
        return wci_fail(WILDCAM_ERR_STATE,
                        "processing has begun: add detector %s before the station is started",
                        name);
    if (find_kind(name, strlen(name)) || find_known(detectors, name, strlen(name)))
        return wci_fail(WILDCAM_ERR_EXISTS, "there is a detector %s already", name);
    if (wci_reserve(&known, &detectors->known_capacity, detectors->known_count + 1,
                    sizeof *detectors->known) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    detectors->known = known;
    status = wci_take_text(&fresh.version, "version", version, WCI_DETECTOR_TEXT_MAX);
    if (status == WILDCAM_OK)
        status = wci_text_set(&fresh.name, name, strlen(name));
    if (status != WILDCAM_OK) {
        release(&fresh);
        return status;
    }
    detectors->known[detectors->known_count++] = fresh;
    return WILDCAM_OK;
}

/* ---- those of process.detector ---- */

static wildcam_status copy_known(const struct wci_detector *known, struct wci_detector *out)
{
    *out = (struct wci_detector){.detect = known->detect, .user = known->user};
    wildcam_status status = wci_text_set(&out->name, known->name.data, known->name.length);
    if (status == WILDCAM_OK)
        status = wci_text_set(&out->version, wci_text_get(&known->version), known->version.length);
    if (status != WILDCAM_OK)
        release(out);
    return status;
}

static wildcam_status open_kind(const struct kind *kind, const struct wci_detector_host *host,
                                struct wci_word word, struct wci_detector *out)
{
    struct wci_text argument = {0};
    size_t known = strlen(kind->word);
    *out = (struct wci_detector){0};
    wildcam_status status = wci_text_set(&argument, word.begin + known, word.length - known);
    if (status == WILDCAM_OK)
        status = kind->open(host, wci_text_get(&argument), out);
    wci_text_free(&argument);
    return status;
}

static wildcam_status fail_unknown(struct wci_word word)
{
    return wci_fail(WILDCAM_ERR_INVALID,
                    "process.detector names %.*s, which this library does not know and the program "
                    "did not add: take motion, process:COMMAND, onnx:MODEL, or one that is given "
                    "to wildcam_station_add_detector()",
                    (int)(word.length < 200 ? word.length : 200), word.begin);
}

static wildcam_status open_word(const struct wci_detectors *detectors,
                                const struct wci_detector_host *host, struct wci_word word,
                                struct wci_detector *out)
{
    const struct wci_detector *known = find_known(detectors, word.begin, word.length);
    const struct kind *kind = known ? NULL : find_kind(word.begin, word.length);
    if (known)
        return copy_known(known, out);
    return kind ? open_kind(kind, host, word, out) : fail_unknown(word);
}

static void close_list(struct wci_detectors *detectors, bool is_forked)
{
    for (size_t i = 0; i < detectors->count; i++) {
        struct wci_detector *detector = &detectors->list[i];
        if (detector->close)
            detector->close(detector->user, is_forked);
        release(detector);
    }
    free(detectors->list);
    detectors->list = NULL;
    detectors->count = 0;
}

wildcam_status wci_detectors_open(struct wci_detectors *detectors,
                                  const struct wci_detector_host *host)
{
    const char *words = wci_conf_text(host->conf, WCI_PROCESS_DETECTOR), *at = words;
    struct wci_word word;
    size_t count = 0;
    if (detectors->list)
        return WILDCAM_OK;
    while (wci_list_next(&at, &word))
        count++;
    detectors->list = wci_new_array(count ? count : 1, sizeof *detectors->list);
    wildcam_status status = detectors->list ? WILDCAM_OK : WILDCAM_ERR_NOMEM;
    for (at = words; status == WILDCAM_OK && wci_list_next(&at, &word);) {
        status = open_word(detectors, host, word, &detectors->list[detectors->count]);
        detectors->count += status == WILDCAM_OK;
    }
    if (status != WILDCAM_OK) {
        struct wci_error error;
        wci_error_save(&error);
        close_list(detectors, false);
        wci_error_restore(&error);
    }
    return status;
}

void wci_detectors_close(struct wci_detectors *detectors, bool is_forked)
{
    close_list(detectors, is_forked);
    for (size_t i = 0; i < detectors->known_count; i++)
        release(&detectors->known[i]);
    free(detectors->known);
    *detectors = (struct wci_detectors){0};
}
