using System.Text.Json;
using Talent.Workflows.Server.Security;
using Talent.Workflows.Server.Security.Staff;

namespace Talent.Workflows.Server.ElsaApi.Live;

/// <summary>Registers the hub that keeps open instances live.</summary>
internal static class LiveRegistration
{
    private const int LargestMessage = 4096;

    public static IServiceCollection AddLiveInstances(this IServiceCollection services)
    {
        services.AddSingleton<LiveInstances>();
        services.AddSignalR(signals => signals.MaximumReceiveMessageSize = LargestMessage)
            .AddJsonProtocol(json => json.PayloadSerializerOptions = new JsonSerializerOptions(ElsaJson.Options));
        return services;
    }

    // Negotiating is a POST that changes nothing.
    public static void MapLiveInstances(this IEndpointRouteBuilder app) =>
        app.MapHub<InstanceHub>(InstanceHub.Path).WithMetadata(new StaffAllowed(), new RequiredScope(Scopes.Workflows), new OnlyReads());
}
