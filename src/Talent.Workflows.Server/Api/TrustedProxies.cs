using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Talent.Workflows.Server.Startup;

namespace Talent.Workflows.Server.Api;

/// <summary>Takes the caller's address from <c>X-Forwarded-For</c> when a trusted proxy sent it; only then.</summary>
internal static class TrustedProxies
{
    /// <summary>First of all middleware, so that logs and limits see the caller.</summary>
    /// <exception cref="WrongSettingException">A proxy is neither an address nor a network.</exception>
    public static void UseTrustedProxies(this IApplicationBuilder app, IReadOnlyList<string> proxies)
    {
        if (proxies.Count == 0)
            return;
        // From right to left through all trusted proxies; the first address that isn't one is the caller.
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        // By default whoever runs on this machine is trusted.
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in proxies)
            if (IPAddress.TryParse(proxy, out var address))
                options.KnownProxies.Add(address);
            else if (System.Net.IPNetwork.TryParse(proxy, out var network))
                options.KnownIPNetworks.Add(network);
            else
                throw new WrongSettingException("Talent:TrustedProxies", $"“{proxy}”既不是 10.0.0.5 这样的地址，也不是 10.0.0.0/8 这样的网段。", $"'{proxy}' is neither an address such as 10.0.0.5 nor a network such as 10.0.0.0/8.");
        app.UseForwardedHeaders(options);
    }
}
