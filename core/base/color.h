/* Colours as 0xRRGGBB: reading them, and how well two can be told apart. */
#ifndef CORE_BASE_COLOR_H
#define CORE_BASE_COLOR_H

#include "core/base/span.h"

/* Reads "#rrggbb" that fills the whole span; false when it is none. */
bool color_read(struct span word, unsigned *out);

/* The linear value, 0..1, of the sRGB channel at shift 16, 8 or 0. */
double color_linear(unsigned rgb, int shift);

/* WCAG 2 contrast times 100, cut: 100 to 2100; 450 is 4.5. */
int color_contrast(unsigned a, unsigned b);

#endif
