/* Files that say to be models: what is read of them is in its bounds. */
#include "process/onnx_model.h"

#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "process/class_names.h"

static void check_names(const char *text)
{
    struct wci_class_names names;
    wildcam_status status = wci_class_names_from_model(text, &names);
    must(status == WILDCAM_OK ? names.count > 0 : !names.list && names.count == 0);
    for (size_t i = 0; i < names.count; i++)
        must(names.list[i] && names.list[i][0]);
    wci_class_names_free(&names);
    status = wci_class_names_from_lines(text, &names);
    must(status == WILDCAM_OK ? names.count > 0 : !names.list && names.count == 0);
    for (size_t i = 0; i < names.count; i++)
        must(names.list[i] && names.list[i][0] && !strchr(names.list[i], '\n'));
    wci_class_names_free(&names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wci_onnx_model model;
    int fd = memfd_create("model", MFD_CLOEXEC);
    must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    wildcam_status status = wci_onnx_model_read_file(fd, (int64_t)size, &model);
    must(status == WILDCAM_OK || status == WILDCAM_ERR_INVALID ||
         status == WILDCAM_ERR_UNSUPPORTED);
    must(model.width >= 0 && model.width <= 8192 && model.height >= 0 && model.height <= 8192);
    if (status == WILDCAM_OK)
        check_names(wci_text_get(&model.names));
    wci_onnx_model_release(&model);
    close(fd);
    char *text = fuzz_text(data, size);
    check_names(text);
    free(text);
    return 0;
}
