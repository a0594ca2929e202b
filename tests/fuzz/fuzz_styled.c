/* Any bytes as an HTML mail on the screen, at two widths. */
#include "tui/widgets/styled.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int widths[] = {12, 59};
	struct styled *styled = styled_new();

	styled_set(styled, span_make(data, size));
	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		struct canvas *canvas = canvas_new(20, widths[i]);

		styled_draw(styled, canvas_area(canvas), FOCUS_ON);
		styled_show(styled, span_slice(span_make(data, size), 0, 20));
		styled_draw(styled, canvas_area(canvas), FOCUS_ON);
		canvas_free(&canvas);
	}
	styled_free(&styled);
	return 0;
}
