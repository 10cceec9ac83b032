/* Backgrounds of the motion detector, as the catalog keeps them: what is taken for one is one, and
 * can be looked at. */
#include "base/error.h"
#include "fuzz.h"
#include "image/motion_parts.h"

static void look(struct wci_motion_model *model)
{
    static const struct wci_motion_tuning tuning = {.sensitivity = 0.5, .least_area = 0.001};
    struct wci_motion_answer answer;
    bool learned;
    struct wci_motion_frame frame = {
        .light = calloc(1, wci_motion_plane(model->width, model->height)),
        .width = model->width,
        .height = model->height};
    must(frame.light != NULL);
    must(wci_motion_look(model, &frame, 1000000, &tuning, &answer, &learned) == WILDCAM_OK);
    must(answer.confidence >= 0 && answer.confidence <= 1 && answer.count <= WCI_MOTION_BOXES);
    for (size_t i = 0; i < answer.count; i++) {
        const wildcam_box *box = &answer.boxes[i].box;
        must(box->x >= 0 && box->y >= 0 && box->width > 0 && box->height > 0);
        must(box->x + box->width <= 1 + 1e-9 && box->y + box->height <= 1 + 1e-9);
    }
    wci_motion_frame_free(&frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wci_motion_model model;
    wildcam_status status = wci_motion_unpack(data, size, &model);
    if (status != WILDCAM_OK) {
        must(status == WILDCAM_ERR_CORRUPT && model.count == 0 && !model.stays);
        return 0;
    }
    must(model.count >= 1 && model.count <= WCI_MOTION_SAMPLES);
    void *again;
    size_t again_size;
    must(wci_motion_pack(&model, &again, &again_size) == WILDCAM_OK && again_size == size);
    look(&model);
    free(again);
    wci_motion_model_free(&model);
    return 0;
}
