using Polygate.Output;
using Spectre.Console;

namespace Polygate.Tests;

public sealed class TextTableTests
{
    private static readonly string Sentence = string.Join(' ', Enumerable.Repeat("words", 10));

    [Fact]
    public void Prose_is_broken_between_words_and_names_are_not()
    {
        var lines = Written(70);

        Assert.Contains(lines, line => line.Contains("ingress.yaml:1234", StringComparison.Ordinal) && line.Contains("words words", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.True(line.Length <= 70, line));
        Assert.Equal(10, lines.Sum(line => line.Split(' ').Count(word => word == "words")));
    }

    [Fact]
    public void On_a_narrow_terminal_each_row_is_a_block() =>
        Assert.Equal(["", "Where: ingress.yaml:1234", $"  Message: {Sentence}", "", ""], Written(40));

    private static string[] Written(int width)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer), Ansi = AnsiSupport.No });
        console.Profile.Width = width;
        var table = new TextTable("Message", "Where", "Object", "Message");
        table.Add(null, "ingress.yaml:1234", "", Sentence);
        table.Write(writer, console);
        return writer.ToString().Split('\n');
    }
}
