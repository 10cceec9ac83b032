/* What pictures may be where there is no station to say so. */
#ifndef WCI_API_LIMITS_H
#define WCI_API_LIMITS_H

#include "image/jpeg_walk.h"

/* The limits of a conf that nobody has touched. */
wildcam_status wci_default_limits(struct wci_jpeg_limits *limits);
/* Whether it is a sum of the WILDCAM_STRIP_ values. */
wildcam_status wci_check_strip(uint32_t what);

#endif
