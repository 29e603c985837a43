using KernelGen.Generators.Emit;
using KernelGen.Generators.Emit.Cpu;
using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan.Codecs;

/// <summary>
/// What a wrapping stage, or a listing, needs to know of a format, whether it codes elements, whole blocks or rotated rows.
/// </summary>
internal sealed class InnerFormat
{
    public InnerFormat(FormatModel model)
    {
        Model = model;
        if (model.Rotation is { } rotation)
        {
            var inner = new InnerFormat(RotationPlan.Inner(model));
            int rotated = Math.Max(rotation.Size, inner.Block),
                times = rotated / inner.Block;
            (Block, BlockBytes, RowHeaderBytes) = (rotated, inner.BlockBytes * times, inner.RowHeaderBytes);
            (TensorHeader, ElementBits, Group, Family) = (inner.TensorHeader, inner.ElementBits, inner.Group, inner.Family);
            Fields =
                times == 1 ? inner.Fields : [($"{times} blocks of the rotated row, {inner.BlockBytes} B each", inner.BlockBytes * times)];
            Stages = [("Hadamard", $"{rotation.Size} columns, signs of seed {rotation.Seed}"), .. inner.Stages];
            Drawing = [$"rows are rotated in blocks of {rotation.Size} columns and coded rotated:", .. inner.Drawing];
            RowOutliers = inner.RowOutliers;
            (Recipe, Arms) = (inner.Recipe, inner.Arms); // Searches stays false: rotated columns are equally important
        }
        else if (model.ChoosesInRows)
        {
            var stage = new RowStagePlan(model);
            (Block, BlockBytes, RowHeaderBytes) = (stage.Block, stage.BlockBytes, stage.Inner.RowHeaderBytes);
            (ElementBits, Group, Family, Recipe) = (stage.ElementBits, stage.Group, stage.Family, stage.Recipe);
            RowOutliers = stage.Outliers ?? stage.Inner.RowOutliers;
            Fields = stage.Inner.Fields;
            Stages = [stage.Stage, .. stage.Rest];
            Drawing = [stage.Drawing, .. stage.Inner.Drawing];
            (Searches, Candidates, Arms) = (stage.Inner.Searches, stage.Inner.Candidates, stage.Inner.Arms);
        }
        else if (CodecPlans.For(model) is { } codec)
        {
            (Block, BlockBytes, Fields) = (codec.Block, codec.BlockBytes, codec.Fields);
            (ElementBits, Group, Family, Recipe) = (codec.ElementBits, codec.Group, codec.Family, codec.Recipe);
            (Searches, Candidates) = (codec.Searches, codec.Candidates);
            Stages = [.. codec.Stages];
            Drawing = [.. BitDrawing.Of(codec), "", $"decoded by {codec.Recipe}"];
            Arms = codec.Inner is { } nested ? new InnerFormat(nested).Arms : codec.VectorWidths;
        }
        else
        {
            var plan = new BlockPlan(model);
            (Block, BlockBytes, RowHeaderBytes, TensorHeader) = (plan.Block, plan.BlockBytes, plan.RowHeaderBytes, plan.TensorHeader);
            Fields = [.. plan.Fields.Select(field => (field.Field.ToString().ToLowerInvariant(), field.Bytes))];
            (ElementBits, Group, Family) = (model.Element.Bits, model.Scale?.Group ?? 0, Emit.Stages.Family(model));
            Searches = plan.Searches;
            Stages = [.. Emit.Stages.Of(plan)];
            Drawing = BitDrawing.Of(plan);
            Recipe = ElementRecipes.Describe(model.Element);
            Arms = [.. plan.Arms.Select(arm => arm.Bits)];
        }
    }

    public FormatModel Model { get; }

    /// <summary>Elements per block.</summary>
    public int Block { get; }

    public int BlockBytes { get; }

    public int RowHeaderBytes { get; }

    public ScaleType? TensorHeader { get; }

    /// <summary>What rows store in front of their blocks, or null.</summary>
    public OutlierModel? RowOutliers { get; }

    public int ElementBits { get; }

    /// <summary>Elements per scale, or one of the constants of <see cref="ScaleModel"/>.</summary>
    public int Group { get; }

    public string Family { get; } = "";

    /// <summary>Whether packing takes the importance of columns.</summary>
    public bool Searches { get; }

    /// <summary>Candidates that the encoder compares for one weight, about.</summary>
    public int Candidates { get; } = 1;

    /// <summary>The fields of a block in stored order: name for people, bytes.</summary>
    public IReadOnlyList<(string Name, int Bytes)> Fields { get; } = [];

    /// <summary>The declaration in words.</summary>
    public IReadOnlyList<(string Kind, string Text)> Stages { get; } = [];

    /// <summary>The block drawn, with notes on where codes sit.</summary>
    public IReadOnlyList<string> Drawing { get; } = [];

    /// <summary>How codes are decoded, in words.</summary>
    public string Recipe { get; } = "";

    /// <summary>Bits of the vectors that generated arms exist for; none where kernels of the runtime choose by themselves.</summary>
    public IReadOnlyList<int> Arms { get; } = [];
}
