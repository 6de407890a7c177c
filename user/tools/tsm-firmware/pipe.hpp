// SPDX-License-Identifier: MIT
//
// A firmware for another program, which asks through a pipe and is no caller of the kernel's:
//
//     tsm-firmware --state DIR --pipe <questions >answers
//
// A question is 64 bytes, the report data, and its answer is the outblob for them, of format
// default and the lowest privlevel. All of one firmware are of one length.
#pragma once

#include "firmware.hpp"

namespace firmware {

// Until `in` ends, both being descriptors. EBADMSG if it ends within a question.
[[nodiscard]] tsmfd::Result<void> answer_pipe(const Firmware& firmware, int in, int out);

} // namespace firmware
