using Spectre.Console;

namespace Polygate.Output;

/// <summary>
/// A table that looks the same everywhere. On a terminal that is too narrow for it, each row is a block of lines; where
/// the output is no terminal, lines are not broken.
/// </summary>
internal sealed class TextTable
{
    private const int WidthOfFiles = 4096;
    private const int BetweenColumns = 3;

    /// <summary>What a column of prose needs to stay readable.</summary>
    private const int LeastProse = 30;

    private readonly string[] columns;
    private readonly int prose;
    private readonly List<(string[] Cells, Color? Color)> rows = [];

    /// <param name="prose">The column whose text may be broken between words; all others stay on one line.</param>
    /// <param name="columns">Their headings.</param>
    public TextTable(string prose, params string[] columns)
    {
        this.columns = columns;
        this.prose = Array.IndexOf(columns, prose);
    }

    /// <summary>Adds a row.</summary>
    /// <param name="color">The colour of the first cell; null for that of other text.</param>
    /// <param name="cells">One for each column.</param>
    public void Add(Color? color, params string[] cells) => rows.Add((cells, color));

    public void Write(TextWriter writer)
    {
        var isTerminal = (ReferenceEquals(writer, Console.Out) && !Console.IsOutputRedirected)
            || (ReferenceEquals(writer, Console.Error) && !Console.IsErrorRedirected);
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        if (!isTerminal)
        {
            console.Profile.Width = WidthOfFiles;
        }

        Write(writer, console);
    }

    /// <summary>Writes as wide as a console is.</summary>
    internal void Write(TextWriter writer, IAnsiConsole console)
    {
        if (LeastWidth() <= console.Profile.Width)
        {
            console.Write(AsTable());
        }
        else
        {
            WriteBlocks(writer);
        }
    }

    private int LeastWidth() => 2 + Enumerable.Range(0, columns.Length).Sum(column =>
    {
        var longest = Math.Max(columns[column].Length, rows.Max(row => row.Cells[column].Length));
        return BetweenColumns + (column == prose ? Math.Min(longest, LeastProse) : longest);
    });

    private Table AsTable()
    {
        var table = new Table().Border(TableBorder.Simple);
        for (var column = 0; column < columns.Length; column++)
        {
            table.AddColumn(new TableColumn(new Text(columns[column])) { NoWrap = column != prose });
        }

        foreach (var (cells, color) in rows)
        {
            table.AddRow(cells.Select((cell, column) => new Text(cell, column == 0 && color is { } first ? new Style(first) : Style.Plain)));
        }

        return table;
    }

    private void WriteBlocks(TextWriter writer)
    {
        foreach (var (cells, _) in rows)
        {
            writer.WriteLine();
            var heading = columns[0].Length == 0 ? "" : columns[0] + ": ";
            writer.WriteLine(heading + cells[0]);
            for (var column = 1; column < columns.Length; column++)
            {
                if (cells[column].Length > 0)
                {
                    writer.WriteLine($"  {columns[column]}: {cells[column]}");
                }
            }
        }

        writer.WriteLine();
    }
}
