# SPDX-License-Identifier: MIT
#
# Headers that take longer to read than most sources, precompiled once for all targets that have
# the same flags and definitions:
#
#     tsmfd_precompile(tests GTest::gtest HEADERS <gtest/gtest.h>)
#     target_precompile_headers(some-tests REUSE_FROM precompiled-tests)
#
# Sources include what they use all the same: scripts/check reads them without.
set(TSMFD_COMMON_HEADERS
    <algorithm> <array> <cstdint> <expected> <functional> <memory> <optional> <span> <string>
    <string_view> <utility> <vector>)

# The common headers and those named, as what is linked with these libraries sees them.
function(tsmfd_precompile name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" HEADERS)
    add_library(precompiled-${name} OBJECT ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/precompile.cpp)
    target_link_libraries(precompiled-${name} PRIVATE tsmfd_build ${arg_UNPARSED_ARGUMENTS})
    target_precompile_headers(precompiled-${name} PRIVATE ${TSMFD_COMMON_HEADERS} ${arg_HEADERS})
endfunction()
