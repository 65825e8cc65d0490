using System.Net;
using System.Net.Sockets;

namespace Talent.Workflows.Approvals.People;

/// <summary>What counts as one caller where requests are limited by address.</summary>
internal static class ClientAddress
{
    /// <summary>An IPv6 user has a whole /64 at hand; callers without an address share one limit.</summary>
    public static byte[] Bytes(IPAddress? address) => address switch
    {
        null => "?"u8.ToArray(),
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().GetAddressBytes(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => address.GetAddressBytes()[..8],
        _ => address.GetAddressBytes(),
    };
}
