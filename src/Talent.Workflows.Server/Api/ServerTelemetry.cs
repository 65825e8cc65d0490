using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Server.Api;

/// <summary>
/// Metrics, and with <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> set their export, with traces of requests and SQL. Nothing is
/// exported otherwise.
/// </summary>
internal sealed class ServerTelemetry : IDisposable
{
    public const string Name = "Talent.Workflows";
    public const string EndpointSetting = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private readonly Meter meter = new(Name);
    private readonly Histogram<double> requests;
    private readonly MeterProvider? metrics;
    private readonly TracerProvider? traces;

    public ServerTelemetry(IConfiguration configuration, WorkflowRuntime runtime)
    {
        requests = meter.CreateHistogram<double>("talent.http.request.duration", "s", "Requests by route and status");
        meter.CreateObservableCounter("talent.steps.round_trips", () => runtime.RoundTrips, description: "Statements that steps have sent to the database");
        if (configuration[EndpointSetting] is not { Length: > 0 } endpoint)
            return;
        var resource = ResourceBuilder.CreateDefault().AddService("talent-workflows", serviceVersion: typeof(ServerTelemetry).Assembly.GetName().Version?.ToString(3));
        metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource)
            .AddMeter(Name, "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel", "Npgsql")
            .AddOtlpExporter(options => Aim(options, endpoint)).Build();
        traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource)
            .AddSource(Name, "Microsoft.AspNetCore", "Npgsql")
            .AddOtlpExporter(options => Aim(options, endpoint)).Build();
    }

    public void Answered(string method, string route, int status, TimeSpan elapsed) =>
        requests.Record(elapsed.TotalSeconds, new TagList { { "method", method }, { "route", route }, { "status", status } });

    public void Dispose()
    {
        metrics?.Dispose();
        traces?.Dispose();
        meter.Dispose();
    }

    private static void Aim(OtlpExporterOptions options, string endpoint) => options.Endpoint = new Uri(endpoint);
}
