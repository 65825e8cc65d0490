using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Approvals.Eligibility;
using Talent.Workflows.Approvals.Integrations.Face;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Approvals.People.RealName;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Runtime;
using Talent.Workflows.Server.Security;

namespace Talent.Workflows.Server.Startup;

/// <summary>A setting that the server can't start with. The message names it and says what to do, in both languages; never the value, which may be a secret.</summary>
/// <param name="setting">Its name, such as <c>Talent:RequestsPerSecond</c>.</param>
public sealed partial class WrongSettingException(string setting, string zh, string en, Exception? cause = null)
    : Exception($"设置 {setting} 有误：{zh}\nThe setting {setting} can't be used: {en}\n(环境变量 in the environment: {Variable(setting)})", cause)
{
    /// <summary>The same of what the framework throws while the server is made and started; null when it is something else.</summary>
    public static WrongSettingException? Of(Exception cause) => cause switch
    {
        WrongSettingException known => known,
        MasterKeyException key => new(key.Setting, key.Zh, key.En, key),
        OptionsValidationException invalid => OfValidation(invalid),
        InvalidOperationException when Conversion().Match(cause.Message) is { Success: true } match => OfType(match.Groups[1].Value, match.Groups[2].Value, cause),
        AddressInUseException or IOException { InnerException: AddressInUseException } => new("urls", $"地址已被占用（{cause.Message}）。请停止占用它的程序，或换一个端口。", $"{cause.Message} Stop what listens there, or choose another port.", cause),
        SocketException { SocketErrorCode: SocketError.AccessDenied or SocketError.AddressNotAvailable } => new("urls", $"无法在该地址监听（{cause.Message}）。请换一个地址或端口。", $"the server may not listen there ({cause.Message}). Choose another address or port.", cause),
        PostgresException { SqlState: ['2', '8', ..] or ['3', 'D', ..] } refused => new("ConnectionStrings:Talent", $"数据库拒绝连接（{refused.SqlState}）。请检查用户名、密码和数据库名。", $"the database refuses it ({refused.SqlState}). Check user, password and database.", cause),
        NpgsqlException { InnerException: SocketException or TimeoutException or IOException } => new("ConnectionStrings:Talent", "数据库没有响应。请检查地址和端口，并确认数据库正在运行。", "the database doesn't answer. Check host and port, and that it runs.", cause),
        _ => null,
    };

    /// <summary>Checks what would otherwise show only after everything else has been started.</summary>
    /// <exception cref="WrongSettingException">An address to listen at, or the connection string, is none; or the first key is too weak.</exception>
    public static void Check(IConfiguration configuration)
    {
        BootstrapKey.Check(configuration["Talent:BootstrapKey"]);
        foreach (var url in (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            CheckUrl(url);
        foreach (var ports in (string[])["http_ports", "https_ports"])
            foreach (var port in (configuration[ports] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                if (!ushort.TryParse(port, out _))
                    throw new WrongSettingException(ports, $"“{port}”不是 0 至 65535 的端口号。", $"'{port}' isn't a port from 0 to 65535.");
        try
        {
            _ = new NpgsqlConnectionStringBuilder(configuration.GetConnectionString("Talent"));
        }
        catch (Exception cause) when (cause is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new WrongSettingException("ConnectionStrings:Talent", "不是 PostgreSQL 连接字符串，例如 Host=…;Username=…;Password=…;Database=…。", "it isn't a connection string of PostgreSQL, such as Host=…;Username=…;Password=…;Database=….", cause);
        }
    }

    private static string Variable(string setting) => setting.Contains(':', StringComparison.Ordinal) ? setting.Replace(":", "__", StringComparison.Ordinal) : $"ASPNETCORE_{setting.ToUpperInvariant()}";

    private static void CheckUrl(string url)
    {
        const string zh = "应为 http://127.0.0.1:5080 这样的地址，端口为 0 至 65535；多个地址以分号分隔。";
        const string en = "it takes addresses such as http://127.0.0.1:5080 with a port from 0 to 65535, several of them separated by semicolons.";
        try
        {
            if (BindingAddress.Parse(url) is { IsUnixPipe: true } or { Port: >= 0 and <= 65_535 })
                return;
        }
        catch (FormatException cause)
        {
            throw new WrongSettingException("urls", zh, en, cause);
        }
        throw new WrongSettingException("urls", zh, en);
    }

    private static WrongSettingException OfValidation(OptionsValidationException invalid)
    {
        var section = invalid.OptionsType == typeof(ServerOptions) ? ServerOptions.Section + ":"
            : invalid.OptionsType == typeof(RuntimeOptions) ? RuntimeOptions.Section + ":"
            : invalid.OptionsType == typeof(CodeOptions) ? CodeOptions.Section + ":"
            : invalid.OptionsType == typeof(EligibilityOptions) ? EligibilityOptions.Section + ":"
            : invalid.OptionsType == typeof(RealNameOptions) ? RealNameOptions.Section + ":"
            : invalid.OptionsType == typeof(FaceOptions) ? "Talent:Face:"
            : invalid.OptionsType == typeof(OutsideOptions) ? invalid.OptionsName + ":"
            : invalid.OptionsType == typeof(MaterialOptions) ? MaterialOptions.Section + ":"
            : invalid.OptionsType.Name is ['S', 'm', ..] name ? $"Talent:{name.Replace("Options", "", StringComparison.Ordinal)}:" : "";
        var failures = invalid.Failures.Select(failure => Failure().Match(failure) is { Success: true } match ? (Setting: section + match.Groups[1].Value, Why: match.Groups[2].Value) : (Setting: section.TrimEnd(':'), Why: failure)).ToList();
        var why = string.Join(" ", failures.Select(f => f.Why));
        return new(string.Join(", ", failures.Select(f => f.Setting).Distinct()), $"值不可用（{why}）。请改正后重新启动。", $"{why} Correct it and start again.", invalid);
    }

    private static WrongSettingException OfType(string setting, string type, Exception cause)
    {
        var (zh, en) = type switch
        {
            "System.Int32" or "System.Int64" => ("整数", "a whole number"),
            "System.Boolean" => ("true 或 false", "true or false"),
            "System.TimeSpan" => ("时长，如 00:00:30", "a time such as 00:00:30"),
            _ => ($"{type} 类型的值", $"a value of type {type}"),
        };
        return new(setting, $"应为{zh}。请改正后重新启动。", $"it takes {en}. Correct it and start again.", cause);
    }

    [GeneratedRegex("at '([^']+)' to type '([^']+)'")]
    private static partial Regex Conversion();

    [GeneratedRegex("members: '([^']*)' with the error: '(.*)'\\.?$", RegexOptions.Singleline)]
    private static partial Regex Failure();
}
