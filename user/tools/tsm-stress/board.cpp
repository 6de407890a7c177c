// SPDX-License-Identifier: MIT
#include "board.hpp"

#include <memory>

#include <sys/mman.h>

namespace stress {

namespace {

// The tallies start on a page of their own.
constexpr std::size_t control_room = 4096;
static_assert(sizeof(Control) <= control_room);
static_assert(control_room % alignof(Tally) == 0);

} // namespace

tsmfd::Result<Board> Board::make(std::size_t callers) {
    const std::size_t bytes = control_room + callers * sizeof(Tally);
    void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return tsmfd::fail("map memory for " + std::to_string(callers) + " callers", errno);
    return Board(memory, bytes, callers);
}

Board::Board(void* memory, std::size_t bytes, std::size_t callers)
    : memory_(memory), bytes_(bytes), control_(std::construct_at(static_cast<Control*>(memory))) {
    // Not constructed: a Tally is right as the zeros that the mapping is made of, and its
    // histogram then takes only the pages that it uses.
    void* first = static_cast<std::byte*>(memory) + control_room;
    tallies_ = std::span(static_cast<Tally*>(first), callers);
}

Board::~Board() {
    if (memory_ != nullptr)
        ::munmap(memory_, bytes_);
}

} // namespace stress
