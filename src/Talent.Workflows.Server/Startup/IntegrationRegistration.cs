using Microsoft.Extensions.Options;
using Talent.Workflows.Approvals.Integrations.Face;
using Talent.Workflows.Approvals.Integrations.Identity;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.Integrations.Recognition;
using Talent.Workflows.Approvals.Integrations.Records;

namespace Talent.Workflows.Server.Startup;

/// <summary>
/// Services of other offices as configured: a section each. Without one, Development has the simulator answer; in Production what
/// needs the service waits until it is configured.
/// </summary>
internal static class IntegrationRegistration
{
    public static IHostApplicationBuilder AddIntegrations(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<FaceOptions>().BindConfiguration("Talent:Face").ValidateDataAnnotations().ValidateOnStart();
        builder.AddOutside<IIdentityVerification>("Identity", "identity verification", (client, _) => new IdentityClient(client), _ => new IdentitySimulator());
        builder.AddOutside<IFaceVerification>("Face", "face verification", (client, s) => new FaceClient(client, Face(s)), s => new FaceSimulator(Face(s), s.GetRequiredService<TimeProvider>()));
        builder.AddOutside<ISharedRecords>("SharedData", "shared data", (client, _) => new RecordsClient(client), _ => new RecordsSimulator());
        builder.AddOutside<IDocumentRecognition>("Recognition", "document recognition", (client, _) => new RecognitionClient(client), _ => new RecognitionSimulator());
        return builder;
    }

    private static FaceOptions Face(IServiceProvider services) => services.GetRequiredService<IOptions<FaceOptions>>().Value;

    private static void AddOutside<T>(this IHostApplicationBuilder builder, string section, string service, Func<OutsideClient, IServiceProvider, T> client, Func<IServiceProvider, T> simulator) where T : class
    {
        var (name, services) = ($"Talent:{section}", builder.Services);
        if (builder.Configuration.GetSection(name) is var configured && configured.Exists())
        {
            services.AddOptions<OutsideOptions>(name).Bind(configured).ValidateDataAnnotations().ValidateOnStart();
            // A redirect could lead personal data elsewhere; the factory's own logging would name every request.
            services.AddHttpClient(name).RemoveAllLoggers().ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
            services.AddSingleton(s => client(new OutsideClient(s.GetRequiredService<IHttpClientFactory>().CreateClient(name), s.GetRequiredService<IOptionsMonitor<OutsideOptions>>().Get(name), service, s.GetRequiredService<TimeProvider>()), s));
        }
        else if (builder.Environment.IsDevelopment())
            services.AddSingleton<T>(simulator);
    }
}
