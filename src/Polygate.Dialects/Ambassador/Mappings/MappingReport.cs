using Polygate.Dialects.Pipeline;
using Polygate.Model;

namespace Polygate.Dialects.Ambassador.Mappings;

/// <summary>Diagnostics of a Mapping, each said once however many Hosts it is served by.</summary>
internal sealed class MappingReport
{
    private readonly TranslationContext context;
    private readonly HashSet<(DiagnosticSeverity Severity, string Message, string Field)> said = [];

    public MappingReport(TranslationContext context) => this.context = context;

    public void Error(string code, string message, string field = "")
    {
        if (said.Add((DiagnosticSeverity.Error, message, field)))
        {
            context.Error(code, message, field);
        }
    }

    public void Warning(string code, string message, string field = "")
    {
        if (said.Add((DiagnosticSeverity.Warning, message, field)))
        {
            context.Warning(code, message, field);
        }
    }

    public void Info(string code, string message, string field = "")
    {
        if (said.Add((DiagnosticSeverity.Info, message, field)))
        {
            context.Info(code, message, field);
        }
    }
}
