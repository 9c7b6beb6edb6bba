// From a connected socket to a Stream. Private to this room.
//
// The generic protocol takes TCP and unix sockets alike, so that sockets and TLS streams
// are instantiated once for both.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <memory>
#include <string>

#include "base/net/stream.h"

namespace tlsrpt::net {

using Socket = boost::asio::generic::stream_protocol::socket;

std::unique_ptr<Stream> MakeStream(Socket socket, const Endpoint& peer,
                                   std::string peer_name);

}  // namespace tlsrpt::net
