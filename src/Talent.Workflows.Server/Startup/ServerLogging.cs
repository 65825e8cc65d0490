using System.Globalization;
using Serilog;
using Serilog.Events;
using Serilog.Filters;
using Talent.Workflows.Runtime.Events;
using Talent.Workflows.Server.Api;

namespace Talent.Workflows.Server.Startup;

/// <summary>
/// Logs: everything into <c>logs/</c> of the data folder, a file a day for 31 days; the console without the lines of
/// single requests that went well. Levels can be set in section <c>Serilog</c>. Nothing that identifies people is logged.
/// </summary>
internal static class ServerLogging
{
    public static Serilog.ILogger Create(IConfiguration configuration, string dataDirectory)
    {
        var folder = Path.Combine(dataDirectory, "logs");
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var requests = Matching.FromSource(typeof(RequestLog).FullName!);
        var quartz = Matching.FromSource("Quartz");
        var written = new LoggerConfiguration()
            .MinimumLevel.Verbose()
            .WriteTo.Logger(console => console
                .Filter.ByExcluding(line => line.Level < LogEventLevel.Warning && requests(line))
                // Whoever started it reads why in one line; the file has the rest.
                .Filter.ByExcluding(line => line.MessageTemplate.Text == "Hosting failed to start")
                .WriteTo.Console(outputTemplate: "{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{NewLine}{Exception}", formatProvider: CultureInfo.InvariantCulture))
            .WriteTo.File(Path.Combine(folder, "server-.log"), rollingInterval: RollingInterval.Day, retainedFileCountLimit: 31, shared: false, buffered: true,
                flushToDiskInterval: TimeSpan.FromSeconds(1), formatProvider: CultureInfo.InvariantCulture,
                outputTemplate: "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffzzz} {Level:u3} {SourceContext} {Message:lj}{NewLine}{Exception}")
            .CreateLogger();
        return new LoggerConfiguration()
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Quartz", LogEventLevel.Warning)
            .MinimumLevel.Override("Npgsql", LogEventLevel.Warning)
            .ReadFrom.Configuration(configuration)
            .Enrich.FromLogContext()
            // Quartz meets a lost database several times a second; DatabaseOutage says it once.
            .Filter.ByExcluding(line => line.Exception is { } cause && quartz(line) && DatabaseOutage.IsLoss(cause))
            .WriteTo.Sink(new MaskingSink(written, line => line.Exception is null && requests(line)))
            .CreateLogger();
    }
}
