#include "process/processor.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"

struct wci_processor {
    struct wci_detector_host host;
    pthread_mutex_t mutex; /* the detectors */
    struct wci_detectors detectors;
};

wildcam_status wci_processor_open(const struct wci_detector_host *host, wci_processor **out)
{
    wci_processor *processor = *out = wci_new(sizeof *processor);
    if (!processor)
        return WILDCAM_ERR_NOMEM;
    processor->host = *host;
    if (pthread_mutex_init(&processor->mutex, NULL) == 0)
        return WILDCAM_OK;
    free(processor);
    *out = NULL;
    return wci_fail_memory();
}

void wci_processor_close(wci_processor *processor, bool is_forked)
{
    if (!processor)
        return;
    wci_detectors_close(&processor->detectors, is_forked);
    if (!is_forked)
        pthread_mutex_destroy(&processor->mutex);
    free(processor);
}

wildcam_status wci_processor_add_detector(wci_processor *processor, const char *name,
                                          const char *version, wildcam_detector_fn *fn, void *user)
{
    pthread_mutex_lock(&processor->mutex);
    wildcam_status status = wci_detectors_add(&processor->detectors, name, version, fn, user);
    pthread_mutex_unlock(&processor->mutex);
    return status;
}
