// SPDX-License-Identifier: MIT
#include "support/outcome.hpp"

#include <tsmfd/result.hpp>

#include <ostream>

namespace guest {

std::ostream& operator<<(std::ostream& to, const Outcome& outcome) {
    if (outcome.ok())
        return to << outcome.value;
    return to << tsmfd::errno_name(static_cast<int>(-outcome.value));
}

} // namespace guest
