// The fixtures: a world, its server, a page that is watched, and finished repositories to copy.

import { test as base, expect } from '@playwright/test';
import { App } from './app';
import { Guard } from './guard';
import { Server } from './server';
import { templates, type Template } from './templates';
import { World } from './world';

type Fixtures = {
  world: World;
  server: Server;
  guard: Guard;
  app: App;
  /** Copies a finished repository into the world; gives its folder. */
  repository: (template: Template, name?: string) => Promise<string>;
};

export const test = base.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern
  world: async ({}, use) => {
    const world = new World();
    await use(world);
    world.end();
  },
  server: async ({ world }, use, info) => {
    const server = await Server.start(world);
    await use(server);
    await server.stop();
    if (info.status !== info.expectedStatus && server.log) {
      await info.attach('what the backend said', {
        body: server.log,
        contentType: 'text/plain',
      });
    }
  },
  guard: async ({ server, context }, use) => {
    const guard = new Guard(server.origin);
    await guard.watch(context);
    await use(guard);
    expect(guard.complaints(), 'what no page may do').toEqual([]);
  },
  app: async ({ guard, server, page }, use) => {
    void guard;
    await use(new App(page, server));
  },
  repository: async ({ world }, use) => {
    await use((template, name = template) => world.copy(templates(template), name));
  },
});

export { expect };
