/* The names of a model's classes, in the order of their numbers. */
#ifndef WCI_PROCESS_CLASS_NAMES_H
#define WCI_PROCESS_CLASS_NAMES_H

#include <stddef.h>

#include "base/error.h"

enum { WCI_CLASSES_MOST = 50000 };

struct wci_class_names {
    char **list;
    size_t count, capacity;
};

/* A line for each class; blanks around a name, and empty lines at the end, count for nothing. */
wildcam_status wci_class_names_from_lines(const char *text, struct wci_class_names *names);
/* As models carry them: {0: 'animal', 1: "person"}, each number once and none left out. */
wildcam_status wci_class_names_from_model(const char *text, struct wci_class_names *names);
void wci_class_names_free(struct wci_class_names *names);

#endif
