/* Pictures with their files, as uploads bring them. */
#include "base/file.h"
#include "conformance/subject.h"

enum { WORDS = 64 };

/* The bytes of a picture; the store does not look into them. */
static size_t make_content(unsigned content, char text[WORDS])
{
    return (size_t)snprintf(text, WORDS, "picture %u%*s", content, (int)(content % 17), "");
}

static void digest(const void *data, size_t size, wildcam_image *image)
{
    unsigned char sha256[WCI_DIGEST_BYTES];
    wci_digest *made;
    assert_op(wci_digest_begin(&made));
    assert_op(wci_digest_add(made, data, size));
    assert_op(wci_digest_end(made, sha256));
    wci_digest_free(made);
    wci_image_set_digest(image, sha256);
}

wildcam_status try_picture(struct subject *subject, struct wci_store *store, int camera,
                           int64_t time, unsigned content, wildcam_image *image)
{
    char text[WORDS];
    struct wci_staged staged;
    size_t size = make_content(content, text);
    struct wci_row row = row_at(subject, time);
    struct wci_change change = {.image = image, .rows = &row, .count = 1};
    row.camera = subject->cameras[camera];
    *image = image_at(subject, camera, time, content);
    image->bytes = (int64_t)size;
    digest(text, size, image);
    assert_op(wci_pictures_stage(&store->pictures, &staged));
    assert_op(wci_file_write(staged.fd, staged.path, text, size));
    wci_error_clear();
    wildcam_status status = wci_store_keep_picture(store, &staged, &change);
    ck_assert_int_eq(staged.fd, -1);
    if (status == WILDCAM_OK)
        model_learn(&subject->model, &change);
    return status;
}

int64_t keep_picture(struct subject *subject, struct wci_store *store, int camera, int64_t time,
                     unsigned content)
{
    wildcam_image image;
    assert_op(try_picture(subject, store, camera, time, content, &image));
    return image.id;
}

void assert_files(struct subject *subject, struct wci_store *store)
{
    for (size_t i = 0; i < subject->model.image_count; i++) {
        const wildcam_image *image = &subject->model.images[i];
        wildcam_image loaded;
        void *data;
        size_t size;
        if (!image->bytes) /* it is elsewhere */
            continue;
        assert_op(wci_store_load_picture(store, image, &data, &size));
        ck_assert_uint_eq(size, (size_t)image->bytes);
        digest(data, size, &loaded);
        ck_assert_str_eq(loaded.sha256_text, image->sha256_text);
        free(data);
    }
}

const char *picture_path(struct wci_store *store, const wildcam_image *image)
{
    static char path[WCI_PATH];
    assert_op(wci_pictures_path(&store->pictures, image, path));
    return path;
}

static void note_finding(void *user, const char *what, const char *where, const char *text)
{
    wci_text_add_format(user, "%s: %s\n", what, where);
    ck_assert_str_ne(text, "");
}

const char *find_faults(struct wci_store *store, uint32_t how)
{
    static char found[4096];
    struct wci_text text = {0};
    struct wci_check check = {.how = how, .finding = note_finding, .user = &text};
    assert_op(wci_store_check(store, &check));
    snprintf(found, sizeof found, "%s", wci_text_get(&text));
    wci_text_free(&text);
    return found;
}
