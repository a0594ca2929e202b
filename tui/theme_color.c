/* Colours: the xterm palette, distance in CIELAB, contrast of roles.  The first
 * sixteen indices belong to the user's own scheme; where a value is needed
 * they are taken as xterm paints them. */
#include "tui/theme.h"

#include <math.h>

#include "core/base/color.h"

static const unsigned first_sixteen[16] = {0x000000, 0xcd0000, 0x00cd00,
    0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000,
    0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};

unsigned
theme_rgb(int index)
{
	static const unsigned level[6] = {0, 95, 135, 175, 215, 255};
	unsigned cube, grey;

	if (index < 16)
		return first_sixteen[index < 0 ? 0 : index];
	if (index < 232) {
		cube = (unsigned)index - 16;
		return level[cube / 36] << 16 | level[cube / 6 % 6] << 8 |
		       level[cube % 6];
	}
	grey = 8 + 10 * ((unsigned)index - 232);
	return grey << 16 | grey << 8 | grey;
}

struct lab {
	double l, a, b;
};

static double
lab_curve(double t)
{
	return t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116;
}

static struct lab
lab_of(unsigned rgb)
{
	double r = color_linear(rgb, 16), g = color_linear(rgb, 8),
	       b = color_linear(rgb, 0);
	double x = lab_curve((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
	double y = lab_curve(0.2126 * r + 0.7152 * g + 0.0722 * b);
	double z = lab_curve((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);

	return (struct lab){116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

static double
distance(struct lab a, struct lab b)
{
	double l = a.l - b.l, x = a.a - b.a, y = a.b - b.b;

	return l * l + x * x + y * y;
}

/* The index in first..last that is nearest to rgb. */
static int
nearest(unsigned rgb, int first, int last)
{
	struct lab wanted = lab_of(rgb);
	double best = -1, d;
	int found = first;

	for (int i = first; i <= last; i++) {
		d = distance(wanted, lab_of(theme_rgb(i)));
		if (best < 0 || d < best) {
			best = d;
			found = i;
		}
	}
	return found;
}

int
theme_nearest_256(unsigned rgb)
{
	return nearest(rgb, 16, 255);
}

int
theme_nearest_16(unsigned rgb)
{
	return nearest(rgb, 0, 15);
}

int
theme_contrast(
    const struct theme *theme, enum theme_depth depth, enum role role)
{
	const struct look *look = &theme->look[depth][role];
	unsigned paper = theme->base == BASE_LIGHT ? 0xffffff : 0x000000;
	unsigned fg, bg;

	if (depth == DEPTH_MONO)
		return 0;
	fg = look->fg < 0 ? paper ^ 0xffffff : theme_rgb(look->fg);
	bg = look->bg < 0 ? paper : theme_rgb(look->bg);
	return color_contrast(fg, bg);
}

int
theme_contrast_wanted(enum role role)
{
	return role == ROLE_RULE || role == ROLE_CHART_GRID ||
		       role == ROLE_PROGRESS_TODO
		   ? 300
		   : 450;
}
