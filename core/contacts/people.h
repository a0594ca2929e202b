/* Who people and lists are to all of this folder. */
#ifndef CORE_CONTACTS_PEOPLE_H
#define CORE_CONTACTS_PEOPLE_H

#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/base/span.h"
#include "core/store/store.h"

struct list_id {
	int64_t v;
};
struct contact_id {
	int64_t v;
};

#endif
