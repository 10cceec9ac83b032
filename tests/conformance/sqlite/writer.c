/*
 * Another process on the same station: `writer DIRECTORY COUNT` writes so many rows, each of them a
 * change of its own, and says the id of each once it is acknowledged. Without end when COUNT is 0.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "store/store.h"

static const struct wci_name *find_camera(struct wci_store *store)
{
    wildcam_camera draft;
    bool created;
    const struct wci_name *name = NULL;
    char device_id[32];
    snprintf(device_id, sizeof device_id, "WRITER-%ld", (long)getpid());
    wci_camera_init(&draft);
    if (wci_text_set(&draft.device_id, device_id, strlen(device_id)) == WILDCAM_OK &&
        store->ops->put_camera(store->backend, &draft, true, wci_calendar_now(), &created) ==
            WILDCAM_OK)
        store->ops->find_camera(store->backend, device_id, false, &name);
    wci_camera_release(&draft);
    return name;
}

static int run(struct wci_store *store, long count)
{
    const struct wci_name *camera = find_camera(store), *species;
    if (!camera || store->ops->find_species(store->backend, WILDCAM_CATEGORY_ANIMAL, "Lynx lynx",
                                            &species) != WILDCAM_OK)
        return 1;
    for (long i = 0; count == 0 || i < count; i++) {
        struct wci_row row = {.time = wci_calendar_days(2026, 1 + (int)(i % 3), 4) * WCI_DAY +
                                      i * WCI_SECOND / 100,
                              .camera = camera,
                              .species = species,
                              .confidence = NAN,
                              .offset = WILDCAM_OFFSET_UNKNOWN};
        struct wci_change change = {.rows = &row, .count = 1};
        if (wci_store_write(store, &change) != WILDCAM_OK)
            return 1;
        printf("%lld\n", (long long)row.id);
        fflush(stdout);
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct wci_store store;
    wildcam_conf *conf;
    if (argc != 3 || wildcam_conf_new(&conf) != WILDCAM_OK ||
        wildcam_conf_set(conf, "data.dir", argv[1]) != WILDCAM_OK ||
        wildcam_conf_set(conf, "disk.min_free_bytes", "0") != WILDCAM_OK)
        return 2;
    struct wci_log log = wci_conf_log(conf);
    if (wci_store_open(&store, conf, &log) != WILDCAM_OK) {
        fprintf(stderr, "%s\n", wildcam_error_message());
        return 2;
    }
    int failed = run(&store, strtol(argv[2], NULL, 10));
    if (failed)
        fprintf(stderr, "%s\n", wildcam_error_message());
    wci_store_close(&store, false);
    wildcam_conf_free(conf);
    return failed;
}
