//! `init`, `clone`, `share`, `fetch`: repositories and runs come and go.

use keelmark_api::{CloneQuery, Moved};

use super::{Context, words};
use crate::arguments::{CloneArguments, InitArguments, RemoteArguments};
use crate::failure::Ending;
use crate::interrupt;
use crate::output::{Tone, Words};
use crate::progress::Bars;

pub fn init(context: &Context, asked: &InitArguments) -> Ending {
    let keelmark = Context::keelmark()?;
    let stop = interrupt::stop()?;
    let bars = Bars::new(context.output);
    let made = keelmark.init_sample(&asked.dir, &asked.sample, &bars, &stop);
    bars.finish();
    let made = made?;
    context.output.answer(&made, |words| {
        words.toned(Tone::Strong, format!("{} in {}", made.model, made.path.display()));
        words.line(&made.summary);
        let rows: Vec<_> = made
            .versions
            .iter()
            .map(|version| {
                vec![
                    (Tone::Faint, version.commit.short().to_owned()),
                    words::status(version.status),
                    words::plain(words::number(version.headline.as_ref().and_then(|metric| metric.value))),
                    words::plain(&version.subject),
                ]
            })
            .collect();
        words.table(&["version", "run", ">headline", "subject"], &rows);
    })?;
    Ok(0)
}

pub fn clone(context: &Context, asked: CloneArguments) -> Ending {
    let keelmark = Context::keelmark()?;
    let stop = interrupt::stop()?;
    let bars = Bars::new(context.output);
    let query = CloneQuery { url: asked.url, into: asked.dir, depth: asked.depth };
    let cloned = keelmark.clone_repository(&query, &bars, &stop);
    bars.finish();
    let cloned = cloned?;
    context.output.answer(&cloned, |words| {
        words.toned(Tone::Strong, format!("cloned into {}", cloned.path.display()));
        let models = if cloned.models.is_empty() { "no model".to_owned() } else { cloned.models.join(", ") };
        words.line(format!(
            "{} commits, {} runs, {} bytes; {models}",
            cloned.commits, cloned.runs, cloned.bytes
        ));
    })?;
    Ok(0)
}

pub fn share(context: &Context, asked: &RemoteArguments) -> Ending {
    let session = context.open()?;
    let moved = session.share(&asked.remote, &interrupt::stop()?)?;
    context.output.answer(&moved, |words| told(words, "to", &moved))?;
    Ok(0)
}

pub fn fetch(context: &Context, asked: &RemoteArguments) -> Ending {
    let session = context.open()?;
    let stop = interrupt::stop()?;
    let bars = Bars::new(context.output);
    let moved = session.fetch(&asked.remote, &bars, &stop);
    bars.finish();
    let moved = moved?;
    context.output.answer(&moved, |words| told(words, "from", &moved))?;
    Ok(0)
}

fn told(words: &mut Words, way: &str, moved: &Moved) {
    if moved.refs.is_empty() {
        words.line(format!("nothing to move {way} {}: all is there already", moved.remote));
        return;
    }
    words.line(format!(
        "{} runs and {} refs in all moved {way} {}",
        moved.runs,
        moved.refs.len(),
        moved.remote
    ));
    for reference in moved.refs.iter().filter(|reference| !reference.name.contains("/runs/")) {
        words.line(format!("  {}", reference.name));
    }
}
