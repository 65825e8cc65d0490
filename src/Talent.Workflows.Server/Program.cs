using System.Runtime.InteropServices;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Runtime.Backup;
using Talent.Workflows.Runtime.EmbeddedPostgres;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Server.Commands;
using Talent.Workflows.Server.Demo;
using Talent.Workflows.Server.Startup;

const string Usage = """
    Talent.Workflows.Server [VERB] [--Setting=value ...]

      run                          listen (default)
      demo [--url=URL --key=KEY]   take sample cases through the whole process, on a server of its own or the one at URL
      backup FILE                  write the whole database into FILE
      restore FILE [--replace]     fill an empty database from FILE; --replace: any database
      verify [EXPORT PUBLIC-KEY]   check the audit of the database, or of an export
      draw verify FILE             make the draw of an expert panel again from its published record, without a server
      draw nonce                   make a nonce for a party of a draw, with the commitment to it
      import-directory FILE        take organisations, users and roles over from FILE
      export-workflows FOLDER      write the published definitions into FOLDER, each service's as FOLDER/<service>/definition.json
      export-audit FILE            write the audit for a check elsewhere
      register-audit-key           let this node seal the audit with a key of its own
      rotate-data-key              seal personal data with a new key from now on
    """;

// Before the host takes over, a signal ends the preparations in good order.
using var stopping = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
var (verb, words, settings) = Split(args);
try
{
    return (verb, words) switch
    {
        ("run", []) => await RunAsync(settings),
        ("demo", []) => await DemoCommand.RunAsync(settings, stopping.Token),
        ("backup", [var file]) => await MaintenanceCommands.BackupAsync(file, settings, stopping.Token),
        ("restore", [var file]) => await MaintenanceCommands.RestoreAsync(file, replace: false, settings, stopping.Token),
        ("restore", [var file, "--replace"]) => await MaintenanceCommands.RestoreAsync(file, replace: true, settings, stopping.Token),
        ("draw", ["verify", var file]) => await DrawCommands.VerifyAsync(file, Console.Out, stopping.Token),
        ("draw", ["nonce"]) => await DrawCommands.NonceAsync(Console.Out),
        ("verify", [] or [_, _]) => await MaintenanceCommands.VerifyAsync(words, settings, stopping.Token),
        ("import-directory", [var file]) => await DirectoryCommand.ImportAsync(file, settings, stopping.Token),
        ("export-workflows", [var folder]) => await ExportWorkflowsCommand.ExportAsync(folder, settings, stopping.Token),
        ("register-audit-key", []) => await MaintenanceCommands.RegisterAuditKeyAsync(settings, stopping.Token),
        ("rotate-data-key", []) => await DataKeyCommand.RotateAsync(settings, stopping.Token),
        ("export-audit", [var file]) => await MaintenanceCommands.ExportAuditAsync(file, settings, stopping.Token),
        _ => Explain(Usage, 2),
    };
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    return 130;
}
catch (Exception cause) when (WrongSettingException.Of(cause) is { } wrong)
{
    return Explain(wrong.Message, 2);
}
catch (Exception cause) when (cause is EmbeddedPostgresException or MigrationException or BackupException or ContentException or InvalidOperationException or DirectoryNotFoundException or FormatException)
{
    return Explain(cause.Message, 1);
}

async Task<int> RunAsync(string[] given)
{
    await using var host = await ServerHost.BuildAsync(given, stopping.Token, toListen: true);
    await host.ListenAsync(stopping.Token);
    StartBanner.Print(host, Console.Out);
    await host.App.WaitForShutdownAsync();
    return 0;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}

static int Explain(string text, int code)
{
    Console.Error.WriteLine(text);
    return code;
}

static (string Verb, string[] Words, string[] Settings) Split(string[] args)
{
    var words = args.TakeWhile(a => a == "--replace" || !a.StartsWith('-')).ToArray();
    return words is [var verb, .. var rest] ? (verb, rest, args[words.Length..]) : ("run", [], args);
}

/// <summary>The entry point; public for test hosts.</summary>
public partial class Program;
