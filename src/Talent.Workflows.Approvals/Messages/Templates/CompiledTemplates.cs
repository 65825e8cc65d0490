using System.Collections.Concurrent;
using HandlebarsDotNet;

namespace Talent.Workflows.Approvals.Messages.Templates;

/// <summary>Templates by their text: services share most of them, and to compile one costs more than to send many messages.</summary>
internal sealed class CompiledTemplates(HandlebarsConfiguration configuration)
{
    /// <summary>More than many services have together; texts that nobody has any more are forgotten with all others.</summary>
    private const int Most = 2000;

    private readonly IHandlebars engine = Handlebars.Create(configuration);
    private readonly ConcurrentDictionary<string, HandlebarsTemplate<object, object>> compiled = new(StringComparer.Ordinal);

    public string Render(string source, object data)
    {
        if (!compiled.TryGetValue(source, out var template))
        {
            if (compiled.Count >= Most)
                compiled.Clear();
            template = compiled[source] = engine.Compile(source);
        }
        return template(data);
    }
}
