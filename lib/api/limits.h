/* What pictures may be where there is no station to say so. */
#ifndef WCI_API_LIMITS_H
#define WCI_API_LIMITS_H

#include "image/jpeg_walk.h"

/* The limits of a conf that nobody has touched. */
wildcam_status wci_default_limits(struct wci_jpeg_limits *limits);

#endif
