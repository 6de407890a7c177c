// SPDX-License-Identifier: MIT
//
// What the subcommands have in common: how they are found, and how they fail.
//
//     void add_providers(CLI::App& app, int& status);    // declares it; running it sets status
//
// Threads: from one.
#pragma once

#include <tsmfd/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace CLI {
class App;
}

namespace tsmctl {

// The document of an answer keeps the order that it was made in.
using Json = nlohmann::ordered_json;

enum Exit : int { done = 0, failed = 1, usage = 2, no_provider = 3 };

void add_providers(CLI::App& app, int& status);
void add_report(CLI::App& app, int& status);
void add_show(CLI::App& app, int& status);
void add_stats(CLI::App& app, int& status);
void add_events(CLI::App& app, int& status);
void add_emu(CLI::App& app, int& status);
void add_eventlog(CLI::App& app, int& status);
void add_verify(CLI::App& app, int& status);
void add_verify_proof(CLI::App& app, int& status);
void add_collateral(CLI::App& app, int& status);

// Says on stderr what failed and what to do about it, and gives the exit status. `missing`: what to
// do where there is nothing to ask; loading a provider, if empty.
int report_failure(const tsmfd::Error& error, std::string_view missing = {});
int report_no_provider();
// The same of a file that cannot be had, which is no missing provider.
int report_unreadable(const tsmfd::Error& error);
int report_usage(const std::string& problem);

// N of "tsmfdN", "N" or "/dev/tsmfdN"; of the provider with the lowest number for an empty word.
// EINVAL for other words, ENODEV if there is no provider at all.
tsmfd::Result<unsigned> provider_index(const std::string& word);

// A file as it is; "-" is stdin.
tsmfd::Result<std::vector<std::uint8_t>> read_in(const std::string& file);

// Of all JSON that is printed: what has this number keeps its members and their meaning, and only
// gets more of them. Documentation/man/tsmctl.1.rst says what there is.
inline constexpr int json_schema = 1;

// The object with "schema" in front, over several lines or in one. What is no UTF-8 in it, as a
// file's name may be, is replaced.
std::string json_text(const Json& object);
std::string json_line(const Json& object);

// What somebody gave as a report (document.hpp, stream_of()), from a file or stdin. What is wrong
// with the file is named by it.
tsmfd::Result<std::vector<std::uint8_t>> read_report(const std::string& file);

// Every option of the command refuses an empty word: `--policy "$unset"` would ask for nothing, and
// whatever came would hold. The last thing that is said of a command.
void refuse_empty_words(CLI::App& command);

// Ctrl-C ends a watch well: true from then on.
void catch_interrupts();
bool interrupted();

} // namespace tsmctl
