using Talent.Workflows.Server.Security;

namespace Talent.Workflows.Server.Startup;

/// <summary>What a newcomer has to know, printed when the server listens.</summary>
internal static class StartBanner
{
    public static void Print(ServerHost host, TextWriter output)
    {
        var development = host.App.Environment.IsDevelopment();
        output.WriteLine();
        foreach (var url in host.Urls)
        {
            var shown = url.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("[::]", "127.0.0.1", StringComparison.Ordinal);
            output.WriteLine($"  人才服务流程平台已启动  Talent Workflows listens    {shown}");
            output.WriteLine($"  办事指南、公示  Pages for the public                {shown}/services  {shown}/notices");
            output.WriteLine($"  流程设计器  Elsa Studio                             {shown}/studio");
            output.WriteLine($"  接口说明  API description                           {shown}/openapi/v1.json");
            output.WriteLine($"  就绪检查  Readiness                                 {shown}/health/ready");
            if (development)
                output.WriteLine($"  已捕获的短信和邮件  Captured messages               {shown}/dev/messages");
        }
        output.WriteLine(host.BootstrapKeyFile is { } file
            ? $"  首个管理密钥  First administrator key               {file}"
            : "  首个管理密钥  First administrator key               Talent__BootstrapKey");
        if (host.AdminPasswordFile is { } password)
            output.WriteLine($"  设计器账号 admin 的口令  Password of 'admin'        {password}");
        output.WriteLine($"  请求头  Header                                      Authorization: ApiKey <密钥 key>    {KeyAuthentication.UserHeader}: <操作用户编号 user id>");
        output.WriteLine($"  数据目录  Data folder                               {host.DataDirectory}");
        output.WriteLine();
    }
}
