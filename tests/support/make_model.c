/* usage: make_model FILE
 * Writes a model that finds what is light and red, green or blue (unit/tiny_model.h). */
#include <stdio.h>

#include "unit/tiny_model.h"

int main(int argc, char **argv)
{
    struct tiny_model model;
    struct wci_text bytes = {0};
    FILE *file = argc == 2 ? fopen(argv[1], "w") : NULL;
    if (!file) {
        fprintf(stderr, "usage: make_model FILE\n");
        return 2;
    }
    tiny_model_init(&model);
    model.names = "{0: 'animal', 1: 'person', 2: 'Vulpes vulpes'}";
    tiny_model_write(&model, &bytes);
    bool is_written = fwrite(bytes.data, 1, bytes.length, file) == bytes.length;
    is_written = fclose(file) == 0 && is_written;
    wci_text_free(&bytes);
    return is_written ? 0 : 1;
}
