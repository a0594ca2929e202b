/* Colours: sRGB and the contrast of WCAG 2.  Cut, not rounded, so that 4.499
 * is not taken for enough. */
#include "core/base/color.h"

#include <math.h>

bool
color_read(struct span word, unsigned *out)
{
	unsigned value = 0;

	if (word.len != 7 || word.ptr[0] != '#')
		return false;
	for (size_t i = 1; i < 7; i++) {
		char c = word.ptr[i];

		if (c >= '0' && c <= '9')
			value = value << 4 | (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (unsigned)(c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			value = value << 4 | (unsigned)(c - 'A' + 10);
		else
			return false;
	}
	*out = value;
	return true;
}

double
color_linear(unsigned rgb, int shift)
{
	double c = (double)(rgb >> shift & 0xff) / 255;

	return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double
luminance(unsigned rgb)
{
	return 0.2126 * color_linear(rgb, 16) + 0.7152 * color_linear(rgb, 8) +
	       0.0722 * color_linear(rgb, 0);
}

int
color_contrast(unsigned a, unsigned b)
{
	double first = luminance(a) + 0.05, second = luminance(b) + 0.05;

	return (int)((first > second ? first / second : second / first) * 100);
}
