#include "image/probe.h"

#include "image/exif.h"

wildcam_status wci_probe_finish(const struct wci_jpeg_walk *walk, struct wildcam_image *image)
{
    if (walk->exif && wci_exif_read(walk->exif, walk->exif_size, image) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    bool on_its_side = image->orientation >= 5;
    image->width = on_its_side ? walk->height : walk->width;
    image->height = on_its_side ? walk->width : walk->height;
    image->bytes = walk->position;
    image->trailing_bytes = walk->position - walk->picture_bytes;
    return WILDCAM_OK;
}

wildcam_status wci_probe(const void *data, size_t size, const struct wci_jpeg_limits *limits,
                         struct wildcam_image *image)
{
    struct wci_jpeg_walk walk;
    wci_jpeg_walk_begin(&walk, limits);
    wildcam_status status = wci_jpeg_walk_add(&walk, data, size);
    if (status == WILDCAM_OK)
        status = wci_jpeg_walk_end(&walk);
    if (status == WILDCAM_OK)
        status = wci_probe_finish(&walk, image);
    wci_jpeg_walk_free(&walk);
    return status;
}
