using Microsoft.Extensions.Options;
using Talent.Workflows.Approvals.Integrations.Identity;
using Talent.Workflows.Approvals.Integrations.Outside;

namespace Talent.Workflows.Server.Startup;

/// <summary>
/// Services of other offices as configured: a section each. Without one, Development has the simulator answer; in Production what
/// needs the service waits until it is configured.
/// </summary>
internal static class IntegrationRegistration
{
    public static IHostApplicationBuilder AddIntegrations(this IHostApplicationBuilder builder)
    {
        builder.AddOutside<IIdentityVerification>("Identity", "identity verification", client => new IdentityClient(client), () => new IdentitySimulator());
        return builder;
    }

    private static void AddOutside<T>(this IHostApplicationBuilder builder, string section, string service, Func<OutsideClient, T> client, Func<T> simulator) where T : class
    {
        var (name, services) = ($"Talent:{section}", builder.Services);
        if (builder.Configuration.GetSection(name) is var configured && configured.Exists())
        {
            services.AddOptions<OutsideOptions>(name).Bind(configured).ValidateDataAnnotations().ValidateOnStart();
            // A redirect could lead personal data elsewhere; the factory's own logging would name every request.
            services.AddHttpClient(name).RemoveAllLoggers().ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
            services.AddSingleton(s => client(new OutsideClient(s.GetRequiredService<IHttpClientFactory>().CreateClient(name), s.GetRequiredService<IOptionsMonitor<OutsideOptions>>().Get(name), service, s.GetRequiredService<TimeProvider>())));
        }
        else if (builder.Environment.IsDevelopment())
            services.AddSingleton(_ => simulator());
    }
}
